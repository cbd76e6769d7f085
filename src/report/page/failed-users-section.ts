import type { RunOutcome } from '../../run/export-run.ts';
import { grouped } from '../../text/format.ts';
import type { PageDestination } from './destination.ts';
import type { FailedOfCause } from './failed-users.ts';
import { type Html, html, sentence, withOptions } from './html.ts';
import { figureTable } from './table.ts';

/** A cause, and a hint. */
export type Explain = (
  cause: string,
  infos?: readonly (string | null)[],
) => { readonly description: string; readonly hint: string };

export type ShownFailedUsers = {
  readonly record: RunOutcome['record'];
  readonly destination: PageDestination;
  readonly causes: readonly FailedOfCause[];
  /** Why the users could not be read; null when they could. */
  readonly unread: string | null;
  readonly explain: Explain;
};

/** The failed users by cause, with its meaning and a hint. */
export function failedUsers({ record, destination, causes, unread, explain }: ShownFailedUsers): Html {
  const { failed, notInApp } = record.counts;
  if (failed === 0)
    return html`<section><h2>Failed users</h2><p>None.${leftTheApp(notInApp, explain)}</p></section>`;
  return html`<section><h2>Failed users</h2>
<p><b>${grouped(failed)}</b> of ${grouped(record.list.users)} users failed. ${
    destination.keepsEarlierRows
      ? 'They keep the rows of earlier runs, if any.'
      : 'The destination holds no rows of theirs.'
  }${leftTheApp(notInApp, explain)}</p>
${unread === null ? null : html`<p class="note">These users could not be read when this page was written: ${unread}</p>`}
${causes.map((of) => causeSection(of, explain))}
<p>${howToList(record.runId, destination)}${howToRetry(record, destination)}</p></section>`;
}

function causeSection({ cause, count, users }: FailedOfCause, explain: Explain): Html {
  const { description, hint } = explain(
    cause,
    users.map(({ error_info }) => error_info),
  );
  const more = count - users.length;
  return html`<section class="cause"><h3>${cause} <span>${grouped(count)} user${count === 1 ? '' : 's'}</span></h3>
<dl><dt>Meaning</dt><dd>${sentence(description)}</dd><dt>What to do</dt><dd>${sentence(hint)}</dd></dl>
${
  users.length > 0 &&
  html`<details${users.length <= SHOWN_AT_ONCE && html` open`}><summary>${more > 0 ? `The first ${grouped(users.length)} of them` : 'Users'}</summary>
${figureTable({
  caption: `Users who failed with ${cause}`,
  columns: ['User', 'Message', 'Calls'],
  texts: [1],
  rows: users.map(({ user_id, calls, error_info }) => [user_id, error_info, String(calls)]),
})}
${more > 0 && html`<p>… and ${grouped(more)} more.</p>`}</details>`
}</section>`;
}

// More would hide the causes that follow.
const SHOWN_AT_ONCE = 5;

const leftTheApp = (notInApp: number, explain: Explain): Html =>
  notInApp === 0
    ? html``
    : html` ${grouped(notInApp)} users are not in the app, which is not a failure: ${withOptions(explain('not_in_app').hint)}.`;

/** The shell command that lists all of them. */
const howToList = (runId: number, { name, schema }: PageDestination): Html =>
  html`All of them: <code class="command">chat-export show ${runId} --to ${inShell(name)}${schema !== null && ` --schema ${inShell(schema)}`} --json</code>, or <code>unexported_users</code> there.`;

/** How to retry a finished run's failed users; an unfinished run is resumed first. */
function howToRetry(
  { status, runId, retryOfRun }: ShownFailedUsers['record'],
  { keepsEarlierRows }: PageDestination,
): Html {
  if (status !== 'finished') return html``;
  return keepsEarlierRows
    ? html` ${withOptions(`--retry-failed ${retryOfRun ?? runId}`)}, added to the command of the run, pulls only these users again.`
    : html` The next run of the list pulls them again.`;
}

const inShell = (text: string): string =>
  /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
