import { snakeKeys } from '../../../json/key-case.ts';
import type { ShownRun } from '../../../past-runs/list-runs.ts';
import { printable, printableJson } from '../../../report/text/printable.ts';
import {
  type AccountLine,
  accountLines,
  accountText,
  warningLines,
} from '../../../report/text/summary-lines.ts';
import { textTable } from '../../../report/text/text-table.ts';
import type { UnexportedUserRow } from '../../../rows/tables.ts';
import { grouped, timeSpan } from '../../../text/format.ts';
import { runJson, runState, stopReason, withoutMillis } from '../runs/run-list.ts';

const MAX_USERS = 20;
// In characters.
const PIECE = 65_536;

/** One run with all details, as text for people, with the first of the users who were not exported. */
export async function* runDetailsText(run: ShownRun, width: number): AsyncGenerator<string> {
  const { record, holder, usersDone, destination } = run;
  const state = runState(run);
  const stopped = stopReason(run);
  const lines: AccountLine[] = [
    ['destination', destination],
    ['app', `${record.sdkAppId} at ${record.endpoint}`],
    ['started', record.startedAt],
    ...(record.finishedAt === null
      ? []
      : ([
          [
            'finished',
            `${record.finishedAt}, after ${timeSpan(Date.parse(record.finishedAt) - Date.parse(record.startedAt))}`,
          ],
        ] as const)),
    ...(stopped === null ? [] : ([['stop reason', stopped]] as const)),
    ...(state === 'at work' && holder !== null ? ([['at work', holder]] as const) : []),
    ...(record.retryOfRun === null
      ? []
      : ([['retries', `the failed users of run ${record.retryOfRun}`]] as const)),
    ['attempts', grouped(record.attempts)],
    [
      'plan',
      `${grouped(record.list.users)} users in chunks of ${grouped(record.chunkSize)}, ${grouped(usersDone)} processed`,
    ],
    ...accountLines(record),
    ...warningLines(record),
  ];
  yield `Run ${record.runId} of job ${printable(record.job)} is ${state}\n${accountText(lines, width)}`;
  yield workersText(run, width);
  yield await unexportedText(run, width);
}

/** One run with all details, as the text of a JSON object, in pieces: its last value is an array that may not fit in memory. */
export async function* runDetailsJson(run: ShownRun): AsyncGenerator<string> {
  const { destination, unexported } = run;
  let text = `${printableJson(JSON.stringify({ destination, ...runJson(run), workers: run.workers.map((worker) => snakeKeys(worker)) })).slice(0, -1)},"unexported_users":[`;
  let separator = '';
  for await (const user of unexported) {
    text += `${separator}${printableJson(JSON.stringify(user))}`;
    separator = ',';
    if (text.length < PIECE) continue;
    yield text;
    text = '';
  }
  yield `${text}]}\n`;
}

/** A row for each process of a shared run. */
function workersText({ workers, record }: ShownRun, width: number): string {
  if (workers.length === 0) return '';
  const hasAttempts = record.attempts > 1;
  const table = textTable(
    [
      ...(hasAttempts ? [{ name: 'ATTEMPT', alignRight: true }] : []),
      { name: 'WORKER', alignRight: true },
      { name: 'HOST', alignRight: false, breaks: true },
      { name: 'FROM', alignRight: false },
      { name: 'TO', alignRight: false },
      { name: 'CHUNKS', alignRight: true },
      { name: 'USERS', alignRight: true },
      { name: 'CALLS', alignRight: true },
    ],
    workers.map((worker) => [
      ...(hasAttempts ? [String(worker.attempt)] : []),
      String(worker.worker),
      worker.host,
      withoutMillis(worker.startedAt),
      endOfWorker(worker),
      grouped(worker.chunks),
      grouped(worker.usersDone),
      grouped(worker.calls),
    ]),
    width,
  );
  return `\nWorkers:\n${table}`;
}

/** A process that was killed recorded no end. */
const endOfWorker = ({ isAtWork, leftAt, lastSeenAt }: ShownRun['workers'][number]): string =>
  isAtWork
    ? 'at work'
    : leftAt === null
      ? `silent since ${withoutMillis(lastSeenAt)}`
      : withoutMillis(leftAt);

async function unexportedText({ record, unexported }: ShownRun, width: number): Promise<string> {
  const shown: UnexportedUserRow[] = [];
  for await (const user of unexported) {
    shown.push(user);
    if (shown.length === MAX_USERS) break;
  }
  if (shown.length === 0) return '';
  const table = textTable(
    [
      { name: 'USER', alignRight: false, breaks: true },
      { name: 'REASON', alignRight: false },
      { name: 'CODE', alignRight: true },
      { name: 'ATTEMPTS', alignRight: true },
      { name: 'SAID', alignRight: false, breaks: true },
    ],
    shown.map((user) => [
      user.user_id,
      user.reason,
      user.error_code === null ? '' : String(user.error_code),
      String(user.calls),
      user.error_info ?? '',
    ]),
    width,
  );
  const more = record.counts.failed + record.counts.notInApp - shown.length;
  const rest = more > 0 ? `… and ${grouped(more)} more in unexported_users\n` : '';
  return `\nNot exported:\n${table}${rest}`;
}
