import type { RunOutcome } from '../../run/export-run.ts';
import { grouped, milliseconds, percent, timeSpan } from '../../text/format.ts';
import { type Html, html } from './html.ts';
import { addUp, type ShownTimeline, shownBuckets } from './run-timeline.ts';

// A few of many must not be shown as 0 %.
const shareText = (some: number, all: number): string => {
  if (some === 0 || all === 0) return '';
  return some / all < 0.001 ? 'under 0.1 %' : percent(some / all);
};

/** The main figures of a run. */
export function keyFigures(
  { counts, list, startedAt, finishedAt }: RunOutcome['record'],
  { attempts }: ShownTimeline,
): Html {
  const open = list.users - counts.exported - counts.notInApp - counts.failed;
  const atWork = attempts.reduce((sum, { seconds }) => sum + seconds, 0);
  const possible = attempts.reduce((sum, { seconds, quota }) => sum + seconds * quota, 0);
  const rateLimited = attempts.reduce((sum, { rateLimitedCalls }) => sum + rateLimitedCalls, 0);
  const { calls } = addUp(shownBuckets(attempts));
  const figures: (readonly [name: string, value: string, more: string] | null)[] = [
    ['exported', grouped(counts.exported), `of ${grouped(list.users)} users`],
    ['failed', grouped(counts.failed), shareText(counts.failed, list.users)],
    counts.notInApp > 0 ? ['not in the app', grouped(counts.notInApp), 'not a failure'] : null,
    open > 0 ? ['still to do', grouped(open), 'users'] : null,
    ['rows', grouped(counts.conversations + counts.contactGroups + counts.memberships), 'in three tables'],
    ['calls', grouped(counts.calls), `${grouped(counts.retries)} retries`],
    rateLimited > 0
      ? [
          'rate-limited',
          grouped(rateLimited),
          `calls; margin at the end ${milliseconds(attempts.at(-1)?.rateMarginMs ?? 0)}`,
        ]
      : null,
    possible > 0 ? ['quota used', percent(calls / possible), ''] : null,
    atWork > 0
      ? ['at work', timeSpan(atWork * 1000), attempts.length > 1 ? `in ${attempts.length} attempts` : '']
      : finishedAt === null
        ? null
        : ['took', timeSpan(Date.parse(finishedAt) - Date.parse(startedAt)), ''],
  ];
  return html`<dl class="figures">${figures.map(
    (figure) =>
      figure && html`<div><dt>${figure[0]}</dt><dd><b>${figure[1]}</b><span>${figure[2]}</span></dd></div>`,
  )}</dl>`;
}
