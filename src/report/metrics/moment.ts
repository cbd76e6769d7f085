import type { Progress } from '../../run/events/run-events.ts';
import type { RunOutcome } from '../../run/export-run.ts';

/** How starts of a job ended before this moment. Instants are unix seconds; null is never, as far as is known. */
export type Past = {
  readonly endedAt: number | null;
  readonly exitCode: number | null;
  /** When a run was finished last. */
  readonly successAt: number | null;
};

/** A run, as far as an attempt has come with it. */
export type RunFigures = Pick<
  Progress,
  'usersDone' | 'calls' | 'failedCalls' | 'waiting' | 'throttleRatio'
> & {
  /** With the counts of all that is committed. */
  readonly record: RunOutcome['record'];
  /** How long this attempt has pulled and committed, in seconds. */
  readonly pullSeconds: number;
};

/** All that the metrics of a job are made of. Instants are unix seconds. */
export type Moment = {
  readonly at: number;
  readonly isInProgress: boolean;
  /** When this start of the program began, by the wall clock, and how long ago, by the monotonic one. */
  readonly startedAt: number;
  readonly startSeconds: number;
  readonly past: Past;
  /** What is away just now. */
  readonly away: { readonly api: boolean; readonly destination: boolean };
  /** The job's quota, calls a second. */
  readonly rate: number;
  readonly residentBytes: number;
  /** Null when this attempt did not get as far as a run. */
  readonly run: RunFigures | null;
};
