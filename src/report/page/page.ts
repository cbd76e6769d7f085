import type { ShownRun } from '../../past-runs/list-runs.ts';
import type { RunOutcome } from '../../run/export-run.ts';
import { grouped } from '../../text/format.ts';
import { type Ending, headline } from '../text/headline.ts';
import { anomalyWarnings } from '../text/summary-lines.ts';
import type { PageDestination } from './destination.ts';
import type { FailedOfCause } from './failed-users.ts';
import { type Explain, failedUsers } from './failed-users-section.ts';
import { type Html, html } from './html.ts';
import { keyFigures } from './key-figures.ts';
import { overTime } from './over-time.ts';
import { rows } from './rows.ts';
import type { ShownTimeline } from './run-timeline.ts';
import { type ShownSettings, settingsSection } from './settings-section.ts';
import { style } from './style.ts';
import { workersSection } from './workers.ts';

/** The content of a page. */
export type PageContent = {
  readonly record: RunOutcome['record'];
  readonly ending: Ending;
  readonly destination: PageDestination;
  readonly timeline: ShownTimeline;
  /** The processes of a shared run. */
  readonly workers: ShownRun['workers'];
  readonly failed: {
    readonly causes: readonly FailedOfCause[];
    /** Why the users could not be read; null when they could. */
    readonly unread: string | null;
  };
  /** The meaning of a code or a reason. */
  readonly explain: Explain;
  readonly settings: ShownSettings | null;
  /** The warnings of an attempt; null when they were not recorded. */
  readonly warnings: readonly string[] | null;
  readonly writtenAt: Date;
};

// Only the page's own style sheet is allowed, whatever else might get into the page.
const POLICY = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'";

/** The page of a run: one self-contained HTML document without a script. */
export function runPage(content: PageContent): string {
  const { record, ending, destination, timeline, failed, explain, settings, writtenAt } = content;
  const title = headline(record, ending);
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${POLICY}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="referrer" content="no-referrer">
<title>${title}</title>
<style>${style}</style>
</head>
<body>
<header class="${statusClass(content)}">
<h1>${title}</h1>
<p>${when(record)}${record.attempts > 1 && `, in ${grouped(record.attempts)} attempts`}. App ${record.sdkAppId} at ${record.endpoint}, to ${destination.name}.${record.retryOfRun !== null && ` It retries the failed users of run ${record.retryOfRun}.`}</p>
</header>
<main>
${keyFigures(record, timeline)}
${warningsSection(content)}
${failedUsers({ record, destination, explain, ...failed })}
${overTime(timeline, record.counts, (cause) => explain(cause).description)}
${workersSection(content.workers)}
${rows(record, destination)}
${settingsSection(settings)}
</main>
<footer><p>Written by chat-export on ${instant(writtenAt.toISOString())}. All times are UTC.</p></footer>
</body>
</html>
`.text;
}

/** The colour of the headline: all exported, some failed, or the run did not finish. */
function statusClass({ record, ending }: PageContent): 'good' | 'fair' | 'bad' | 'open' {
  switch (ending.kind) {
    case 'finished':
      return record.counts.failed > 0 ? 'fair' : 'good';
    case 'stopped':
    case 'left':
    case 'at work':
      return 'open';
    default:
      return 'bad';
  }
}

function warningsSection({ record, warnings }: PageContent): Html {
  const { list } = record;
  const found = [
    ...(list.bad > 0 ? [`${grouped(list.bad)} invalid lines of the list were skipped`] : []),
    ...anomalyWarnings(record).map(([count, what]) => `${grouped(count)} ${what}`),
  ];
  const said = warnings ?? [];
  if (found.length + said.length === 0) return html``;
  return html`<section><h2>Warnings</h2>
<ul>${[...found, ...said].map((text) => html`<li>${text}</li>`)}</ul></section>`;
}

const when = ({ startedAt, finishedAt }: PageContent['record']): string =>
  finishedAt === null
    ? `Started on ${instant(startedAt)}`
    : `From ${instant(startedAt)} to ${finishedAt.slice(0, 10) === startedAt.slice(0, 10) ? finishedAt.slice(11, 19) : instant(finishedAt)} UTC`;

/** 2026-11-26 03:00:15 */
const instant = (iso: string): string => iso.slice(0, 19).replace('T', ' ');
