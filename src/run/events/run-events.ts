import type { RunCounts } from '../../destinations/contract/counts.ts';
import type { CallsElsewhere, RunRecord } from '../../destinations/contract/destination.ts';
import type { WorkerNews } from '../../destinations/contract/sharing.ts';
import type { RateLimits, Wait } from '../../destinations/contract/timeline.ts';
import type { UnexportedUserRow } from '../../rows/tables.ts';
import type { Explanation } from './causes.ts';

/** One more attempt at a page. */
export type Retry = {
  readonly userId: string;
  /** The failure of the attempt before: a code of the API, `network` or `malformed`. */
  readonly cause: string;
  /** The number of this attempt at the page: 2 is the first retry. */
  readonly attempt: number;
};

/** Whether a process started a run, resumed one, or joined the others that pull it, and why, in words. */
export type Decision = { readonly kind: 'resume' | 'start' | 'join'; readonly why: string };

/** A wait for the lock that another attempt holds. Times are in ms. */
export type LockWaitState = {
  /** In words. */
  readonly holder: string;
  readonly waitedMs: number;
  /** The longest wait. */
  readonly maxMs: number;
};

/** The events of a run at work. None contains a secret. */
export type RunEvents = {
  /** The plan is durable and the run holds the lock. The first call comes next. */
  readonly onOpened?: (opened: {
    readonly record: RunRecord;
    readonly decision: Decision;
    readonly destination: string;
    /** Users that earlier attempts of this run have processed. */
    readonly usersDone: number;
    readonly progress: () => Progress;
  }) => void;
  readonly onCommitted?: (chunk: { readonly number: number; readonly counts: RunCounts }) => void;
  readonly onUnexported?: (user: UnexportedUserRow, explanation: Explanation) => void;
  readonly onRetry?: (retry: Retry) => void;
  /** The API or the destination is unavailable (with the last error, and since how many ms), or has recovered (null). */
  readonly onOutage?: (
    what: 'api' | 'destination',
    outage: { readonly cause: unknown; readonly forMs: number } | null,
  ) => void;
  /** Before a run is opened: another attempt holds the lock (called again for the next one), or the wait is over and this attempt continues (null). */
  readonly onLockWait?: (wait: LockWaitState | null) => void;
  readonly onNotice?: (message: string) => void;
  /** What another process of a shared run does. */
  readonly onWorker?: (news: WorkerNews) => void;
  /**
   * This process reports no outcome of the shared run: another one has ended it (`ended`), or others are still at work on it
   * when this one leaves (`running`).
   */
  readonly onElsewhere?: (run: Elsewhere) => void;
};

export type Elsewhere = 'ended' | 'running';

/** The progress of a run at this moment. */
export type Progress = RateLimits & {
  /** Users of the plan, and users whose chunk is committed. */
  readonly users: number;
  readonly usersDone: number;
  /** Of all committed chunks. */
  readonly counts: RunCounts;
  /** Calls of this process in this attempt, committed or not. */
  readonly calls: number;
  /** Calls of the other processes of a shared run in this attempt, committed or not; null for a run of one process. */
  readonly elsewhere: CallsElsewhere | null;
  /** The processes at work on a shared run; null for a run of one process. */
  readonly workers: number | null;
  readonly failedCalls: number;
  /** Retries of this attempt by the code or kind of failure that caused them. A retry is a call after the first for its page. */
  readonly retries: Readonly<Record<string, number>>;
  /** How long this attempt has waited for each bottleneck so far, ms. */
  readonly waits: Readonly<Record<Wait, number>>;
  /** Users who wait before their next call. */
  readonly waiting: number;
  /** How long retries take after the last call for a new user, ms: of this pass and, if it has users, of the second. */
  readonly retriesAheadMs: number;
  /** The share of the rate in use after rate-limit errors. */
  readonly throttleRatio: number;
};
