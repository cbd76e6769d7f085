import { camelKeys, snakeKeys } from '../../json/key-case.ts';

/** The effect of the API's limit of calls on an attempt. */
export type RateLimits = {
  /** The margin in use now, or at the end: how much longer than a second a call counts against the rate, ms. */
  readonly rateMarginMs: number;
  /** Calls that were answered with a rate-limit error. */
  readonly rateLimitedCalls: number;
};

/** The record of one attempt of a run over time. A run has one timeline for each attempt. */
export type Timeline = RateLimits & {
  /** When the first call of the attempt could leave, ISO 8601 with milliseconds. */
  readonly startedAt: string;
  /** The attempt's rate, calls a second. */
  readonly quota: number;
  /** Width of a bucket, seconds. It doubles when there would be more than {@link MAX_BUCKETS}. */
  readonly bucketSeconds: number;
  /** From the first call on, without gaps. The last may be shorter. */
  readonly buckets: readonly Bucket[];
  /** Seconds from `startedAt` to the end of the attempt. */
  readonly seconds: number;
};

export type Bucket = {
  /** Calls that were sent. */
  readonly calls: number;
  /** The failed calls among those that ended, by ErrorCode or by the kind of failure (`network`). */
  readonly errors: Readonly<Record<string, number>>;
  /**
   * The answered calls that took longer than the bound before and at most each of {@link LATENCY_BOUNDS_MS}, counted from when
   * they were written. One more entry counts the rest.
   */
  readonly latencies: readonly number[];
  /** The time of each bottleneck, milliseconds. Together they are the length of the bucket. */
  readonly waits: Readonly<Record<Wait, number>>;
};

/**
 * The bottlenecks of a run. If several apply, the first one counts. Destination: chunks wait or are being committed, and nothing
 * more fits. Backing off: rate-limit errors have slowed the run, or all users wait before another attempt. Quota: calls wait for
 * their turn. Latency: all calls that may be under way are.
 */
export type Wait = 'quota' | 'latency' | 'backOff' | 'destination';

export const MAX_BUCKETS = 240;

/** Upper bounds, ms: each 1.25 times the one before, so that a percentile is exact to a quarter. */
export const LATENCY_BOUNDS_MS: readonly number[] = Array.from({ length: 48 }, (_, i) =>
  Math.round(1.25 ** i),
);

/** The stored form of a timeline: keys in snake_case, except those of `errors`, which are data. */
export const timelineJson = (timeline: Timeline): Record<string, unknown> => ({
  ...snakeKeys(timeline),
  buckets: timeline.buckets.map((bucket) => ({ ...snakeKeys(bucket), waits: snakeKeys(bucket.waits) })),
});

/** The reverse of {@link timelineJson}. */
export function timelineFrom(json: object): Timeline {
  const timeline = camelKeys(json) as Timeline;
  return {
    ...timeline,
    buckets: timeline.buckets.map((bucket) => ({
      ...bucket,
      waits: camelKeys(bucket.waits) as (typeof bucket)['waits'],
    })),
  };
}
