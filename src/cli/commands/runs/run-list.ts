import { snakeKeys } from '../../../json/key-case.ts';
import type { ListedRun } from '../../../past-runs/list-runs.ts';
import { type TextColumn, textTable } from '../../../report/text/text-table.ts';
import { grouped, timeSpan } from '../../../text/format.ts';

// `show` has the whole text.
const MAX_CHARACTERS = 60;

const columns: readonly TextColumn[] = [
  { name: 'RUN', alignRight: true },
  { name: 'JOB', alignRight: false, breaks: true },
  { name: 'APP', alignRight: true, leavesAs: 1 },
  { name: 'STATE', alignRight: false },
  { name: 'STARTED', alignRight: false },
  { name: 'TOOK', alignRight: false, leavesAs: 5 },
  { name: 'USERS', alignRight: true },
  { name: 'EXPORTED', alignRight: true, leavesAs: 4 },
  { name: 'NOT IN APP', alignRight: true, leavesAs: 3 },
  { name: 'FAILED', alignRight: true },
  { name: 'CALLS', alignRight: true, leavesAs: 2 },
  { name: 'STOP REASON', alignRight: false, breaks: true, leavesAs: 6 },
];

/** The state of a run: `at work`, `unfinished` (the next attempt resumes it), `finished` or `abandoned`. */
export const runState = ({ record, holder }: ListedRun): string =>
  record.status !== 'running' ? record.status : holder === null ? 'unfinished' : 'at work';

/**
 * Why a run's last attempt ended before the run did, in words; null when it did not. An attempt that is killed, or loses its
 * destination, records no reason.
 */
export const stopReason = (run: ListedRun): string | null =>
  run.record.error ??
  run.record.stopReason ??
  (runState(run) === 'unfinished' ? 'none recorded: killed, or lost the destination' : null);

/** With how many processes share it. */
const stateCell = (run: ListedRun): string =>
  run.workersAtWork === null
    ? runState(run)
    : `${runState(run)} (${run.workersAtWork} ${run.workersAtWork === 1 ? 'worker' : 'workers'})`;

const inShort = (text: string): string =>
  text.length > MAX_CHARACTERS ? `${text.slice(0, MAX_CHARACTERS - 1).trimEnd()}…` : text;

/** Runs as a table for people, for a screen of this many columns; the newest first. */
export const runListText = (runs: readonly ListedRun[], width: number): string =>
  textTable(
    columns,
    runs.map((run) => {
      const { record } = run;
      const { counts } = record;
      return [
        String(record.runId),
        record.retryOfRun === null ? record.job : `${record.job} (retries run ${record.retryOfRun})`,
        String(record.sdkAppId),
        stateCell(run),
        withoutMillis(record.startedAt),
        record.finishedAt === null
          ? ''
          : timeSpan(Date.parse(record.finishedAt) - Date.parse(record.startedAt)),
        grouped(record.list.users),
        grouped(counts.exported),
        grouped(counts.notInApp),
        grouped(counts.failed),
        grouped(counts.calls),
        inShort(stopReason(run) ?? ''),
      ];
    }),
    width,
  );

/** A run as a JSON value. Instants are ISO 8601, UTC; counts are of all its attempts. */
export const runJson = (run: ListedRun): Record<string, unknown> => ({
  run: run.record.runId,
  job: run.record.job,
  sdk_app_id: run.record.sdkAppId,
  state: runState(run),
  endpoint: run.record.endpoint,
  row_format: run.record.rowFormat,
  key_fingerprint: run.record.keyFingerprint,
  free_text_dropped: run.record.freeTextDropped,
  started_at: run.record.startedAt,
  finished_at: run.record.finishedAt,
  stop_reason: run.record.stopReason,
  error: run.record.error,
  retry_of_run: run.record.retryOfRun,
  at_work: run.holder,
  workers_at_work: run.workersAtWork,
  attempts: run.record.attempts,
  chunk_size: run.record.chunkSize,
  list: snakeKeys(run.record.list),
  users_done: run.usersDone,
  counts: snakeKeys(run.record.counts),
});

export const withoutMillis = (instant: string): string => instant.replace(/\.\d+Z$/, 'Z');
