import type { ShownRun } from '../run/list-runs.ts';
import { accountLines, accountText, oddityLines } from './account.ts';
import { grouped, timeSpan } from './figures.ts';
import { printable } from './printable.ts';
import { runJson, stateOf } from './run-list.ts';
import { textTable } from './text-table.ts';

/** One run whole, as text for people. */
export function runDetailsText(destination: string, run: ShownRun): string {
  const { record, holder, usersDone } = run;
  const state = stateOf(run);
  const lines = accountText([
    ['destination', destination],
    ['app', `${record.sdkAppId} at ${record.endpoint}`],
    ['began', record.beganAt],
    ...(record.finishedAt === null
      ? []
      : ([
          [
            'finished',
            `${record.finishedAt}, after ${timeSpan(Date.parse(record.finishedAt) - Date.parse(record.beganAt))}`,
          ],
        ] as const)),
    ...(record.stoppedBy === null ? [] : ([['last stopped by', record.stoppedBy]] as const)),
    ...(state === 'at work' && holder !== null ? ([['at work', holder]] as const) : []),
    ['starts', grouped(record.starts)],
    [
      'plan',
      `${grouped(record.list.users)} users in chunks of ${grouped(record.chunkSize)}, ${grouped(usersDone)} done with`,
    ],
    ...accountLines(record),
    ...oddityLines(record),
  ]);
  return `Run ${record.runId} of job ${printable(record.job)} is ${state}\n${lines}${unexportedText(run)}`;
}

/** One run whole, as a JSON value. */
export const runDetailsJson = (destination: string, run: ShownRun): Record<string, unknown> => ({
  destination,
  ...runJson(run),
  unexported_users: run.unexported,
});

function unexportedText({ record, unexported }: ShownRun): string {
  if (unexported.length === 0) return '';
  const table = textTable(
    [
      { name: 'USER', alignRight: false },
      { name: 'REASON', alignRight: false },
      { name: 'CODE', alignRight: true },
      { name: 'ATTEMPTS', alignRight: true },
      { name: 'SAID', alignRight: false },
    ],
    unexported.map((user) => [
      user.user_id,
      user.reason,
      user.error_code === null ? '' : String(user.error_code),
      String(user.attempts),
      user.error_info ?? '',
    ]),
  );
  const more = record.counts.failed + record.counts.notInApp - unexported.length;
  const rest = more > 0 ? `… and ${grouped(more)} more in unexported_users\n` : '';
  return `\nNot exported:\n${table}${rest}`;
}
