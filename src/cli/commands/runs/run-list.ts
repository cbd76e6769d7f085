import type { ListedRun } from '../../../past-runs/list-runs.ts';
import { grouped, timeSpan } from '../../../report/text/format.ts';
import { type TextColumn, textTable } from '../../../report/text/text-table.ts';

// `show` has the whole text.
const MOST_CHARACTERS = 60;

const columns: readonly TextColumn[] = [
  { name: 'RUN', alignRight: true },
  { name: 'JOB', alignRight: false, breaks: true },
  { name: 'APP', alignRight: true, leavesAs: 1 },
  { name: 'STATE', alignRight: false },
  { name: 'BEGAN', alignRight: false },
  { name: 'TOOK', alignRight: false, leavesAs: 5 },
  { name: 'USERS', alignRight: true },
  { name: 'EXPORTED', alignRight: true, leavesAs: 4 },
  { name: 'NOT IN APP', alignRight: true, leavesAs: 3 },
  { name: 'FAILED', alignRight: true },
  { name: 'CALLS', alignRight: true, leavesAs: 2 },
  { name: 'STOPPED BY', alignRight: false, breaks: true, leavesAs: 6 },
];

/** What a run is now: `at work`, `unfinished` (the next start goes on with it), `finished` or `abandoned`. */
export const stateOf = ({ record, holder }: ListedRun): string =>
  record.status !== 'running' ? record.status : holder === null ? 'unfinished' : 'at work';

/**
 * Why a run's last start ended before it did, in words; null when it did not. A start that is killed, or whose destination is
 * gone, leaves no word.
 */
export const stoppedBy = (run: ListedRun): string | null =>
  run.record.stoppedBy ?? (stateOf(run) === 'unfinished' ? 'no word: killed, or cut off from here' : null);

const inShort = (text: string): string =>
  text.length > MOST_CHARACTERS ? `${text.slice(0, MOST_CHARACTERS - 1).trimEnd()}…` : text;

/** Runs as a table for people, for a screen of so many columns; the newest first. */
export const runListText = (runs: readonly ListedRun[], width: number): string =>
  textTable(
    columns,
    runs.map((run) => {
      const { record } = run;
      const { counts } = record;
      return [
        String(record.runId),
        record.mends === null ? record.job : `${record.job} (mends ${record.mends})`,
        String(record.sdkAppId),
        stateOf(run),
        secondsOf(record.beganAt),
        record.finishedAt === null
          ? ''
          : timeSpan(Date.parse(record.finishedAt) - Date.parse(record.beganAt)),
        grouped(record.list.users),
        grouped(counts.exported),
        grouped(counts.notInApp),
        grouped(counts.failed),
        grouped(counts.calls),
        inShort(stoppedBy(run) ?? ''),
      ];
    }),
    width,
  );

/** A run as a JSON value. Instants are ISO 8601, UTC; counts are of all its starts. */
export const runJson = (run: ListedRun): Record<string, unknown> => ({
  run: run.record.runId,
  job: run.record.job,
  sdk_app_id: run.record.sdkAppId,
  state: stateOf(run),
  endpoint: run.record.endpoint,
  row_format: run.record.rowFormat,
  key_check: run.record.keyCheck,
  drops_free_text: run.record.dropsFreeText,
  began_at: run.record.beganAt,
  finished_at: run.record.finishedAt,
  stopped_by: run.record.stoppedBy,
  mends: run.record.mends,
  at_work: run.holder,
  starts: run.record.starts,
  chunk_size: run.record.chunkSize,
  list: run.record.list,
  users_done: run.usersDone,
  counts: run.record.counts,
});

const secondsOf = (instant: string): string => instant.replace(/\.\d+Z$/, 'Z');
