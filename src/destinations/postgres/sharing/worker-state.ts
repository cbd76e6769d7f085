import type { ExitCode } from '../../../errors/exit-codes.ts';
import { camelKeys } from '../../../json/key-case.ts';
import { addCounts, NO_COUNTS, type RunCounts } from '../../contract/counts.ts';
import type { Committed } from '../../contract/destination.ts';
import type { Halt, WorkerReport } from '../../contract/sharing.ts';

export const NOTHING_COMMITTED: Committed = { usersDone: 0, counts: NO_COUNTS };

/** What several workers of an attempt have committed. */
export const committedBy = (
  rows: readonly { readonly users_done: number; readonly counts: object | null }[],
): Committed =>
  rows.reduce<Committed>(
    (sum, { users_done, counts }) =>
      addCommitted(sum, { usersDone: Number(users_done), counts: fromJson(counts) }),
    NOTHING_COMMITTED,
  );

const fromJson = (counts: object | null): RunCounts => ({ ...NO_COUNTS, ...camelKeys(counts ?? {}) });

/** The sum of both. */
export const addCommitted = (a: Committed, b: Committed): Committed => ({
  usersDone: a.usersDone + b.usersDone,
  counts: addCounts(a.counts, b.counts),
});

/** Whether no user comes any more from the workers with these reports. One without a report has just begun. */
export const doAllWait = (reports: readonly (WorkerReport | null)[]): boolean =>
  reports.every((report) => report?.pullingChunks === 0);

/** Why a run was ended for all, as its row says it. */
export const haltOf = (exitCode: number, error: string | null): Halt => ({
  message: error ?? 'no reason was recorded',
  exitCode: exitCode as ExitCode,
});

/** How long a worker may give no sign of life. pg-boss waits as long before it gives its chunks away. */
export const SILENT_AFTER_MS = 10_000;

/** A condition on run_attempts. */
export const IS_AT_WORK = `left_at is null and last_seen_at > clock_timestamp() - interval '${SILENT_AFTER_MS} ms'`;
