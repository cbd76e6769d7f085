/** What one attempt of a run saw over time. A run has one for each attempt that took part in it. */
export type Timeline = {
  /** When the start's first call could leave, ISO 8601 with milliseconds. */
  readonly startedAt: string;
  /** Calls a second that the start could make. */
  readonly quota: number;
  /** Width of a bucket, seconds. It doubles when there would be more than {@link MAX_BUCKETS}. */
  readonly bucketSeconds: number;
  /** From the first call on, without gaps; the last may be cut short. */
  readonly buckets: readonly Bucket[];
  /** Seconds that the start lasted, from `startedAt`. */
  readonly seconds: number;
};

export type Bucket = {
  /** Calls that were sent. */
  readonly calls: number;
  /** Of the calls that ended, the ones that failed, by ErrorCode or by the name of what failed on the way (`network`). */
  readonly errors: Readonly<Record<string, number>>;
  /**
   * Of the calls that ended with an answer of the API, how many took up to each of {@link LATENCY_BOUNDS_MS} and more than the
   * one before, from when they were written; one more counts the rest.
   */
  readonly latencies: readonly number[];
  /** What the run waited for, milliseconds each; together they are the bucket. */
  readonly waits: Readonly<Record<Wait, number>>;
};

/**
 * What keeps a run from going faster at a moment, in this order where several do: the destination (chunks are held or being
 * committed and no room is left), backing off (slowed by rate-limit errors, or only users who wait before they try again), the
 * quota (calls wait for their turn), latency (all calls that may be under way are).
 */
export type Wait = 'quota' | 'latency' | 'backOff' | 'destination';

export const MAX_BUCKETS = 240;

/** Upper bounds, ms: each 1.25 times the one before, so that a percentile is known within a quarter. */
export const LATENCY_BOUNDS_MS: readonly number[] = Array.from({ length: 48 }, (_, i) =>
  Math.round(1.25 ** i),
);
