import type { RunCounts } from '../../destinations/contract/counts.ts';
import type { RunRecord } from '../../destinations/contract/destination.ts';
import type { Wait } from '../../destinations/contract/timeline.ts';
import type { UnexportedUserRow } from '../../rows/tables.ts';
import type { Explanation } from './causes.ts';
import type { Retry } from './retry.ts';

/** Whether a run resumed an earlier one or started anew, and why, in words. */
export type Decision = { readonly kind: 'resume' | 'start'; readonly why: string };

/** What a run tells while it works. None of it holds a secret. */
export type RunEvents = {
  /** The plan is durable and the lock is held; the first call comes next. */
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
  /** The API or the destination is unavailable (with what was seen last, and since how many ms), or has recovered (null). */
  readonly onOutage?: (
    what: 'api' | 'destination',
    outage: { readonly cause: unknown; readonly forMs: number } | null,
  ) => void;
  readonly onNotice?: (message: string) => void;
};

/** How far a run is, at this moment. */
export type Progress = {
  /** Users of the plan, and those that are done with, committed. */
  readonly users: number;
  readonly usersDone: number;
  /** Of all committed chunks. */
  readonly counts: RunCounts;
  /** Attempts by this start of the program, committed or not. */
  readonly calls: number;
  readonly failedCalls: number;
  /** Retries of this attempt: calls after the first at their page, by the code or the kind of failure that caused them. */
  readonly retries: Readonly<Record<string, number>>;
  /** What this attempt has waited for so far, ms each. */
  readonly waits: Readonly<Record<Wait, number>>;
  /** Users that wait before they try again. */
  readonly waiting: number;
  /** The share of the rate in use after rate-limit errors. */
  readonly throttleRatio: number;
};
