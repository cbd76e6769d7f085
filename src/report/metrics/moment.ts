import type { Progress } from '../../run/events/run-events.ts';
import type { RunOutcome } from '../../run/export-run.ts';

/** How attempts of a job ended before this moment. Instants are unix seconds; null is never, as far as is known. */
export type Past = {
  readonly endedAt: number | null;
  readonly exitCode: number | null;
  /** When a run last finished. */
  readonly successAt: number | null;
};

/** The state of a run in this attempt. */
export type RunFigures = Pick<
  Progress,
  | 'usersDone'
  | 'workers'
  | 'calls'
  | 'failedCalls'
  | 'waiting'
  | 'throttleRatio'
  | 'rateMarginMs'
  | 'rateLimitedCalls'
> & {
  /** With the counts of all committed chunks. */
  readonly record: RunOutcome['record'];
  /** How long this attempt has pulled and committed, in seconds. */
  readonly pullSeconds: number;
};

/** The content of a job's metrics. Instants are unix seconds. */
export type Moment = {
  readonly at: number;
  readonly isInProgress: boolean;
  /** When this attempt started, by the wall clock, and how long ago, by the monotonic one. */
  readonly startedAt: number;
  readonly startSeconds: number;
  readonly past: Past;
  /** Whether each is unavailable at present. */
  readonly away: { readonly api: boolean; readonly destination: boolean };
  /** The job's quota, calls a second. */
  readonly rate: number;
  readonly residentBytes: number;
  /** Null when this attempt opened no run. */
  readonly run: RunFigures | null;
};
