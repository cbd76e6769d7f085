import {
  type Bucket,
  LATENCY_BOUNDS_MS,
  MAX_BUCKETS,
  type RateLimits,
  type Timeline,
  type Wait,
} from '../../destinations/contract/timeline.ts';

type GrowingBucket = {
  calls: number;
  readonly errors: Record<string, number>;
  readonly latencies: number[];
  readonly waits: Record<Wait, number>;
};

export type TimelineRecorderOptions = {
  /** Calls a second. */
  readonly quota: number;
  /** When the first call could leave, ms of the monotonic clock. */
  readonly at: number;
  /** The bottleneck now. */
  readonly bottleneck: () => Wait;
  readonly rateLimits: () => RateLimits;
};

const FIRST_STRETCH_SECONDS = 1;

/**
 * Counts the calls of an attempt in buckets of time. Instants are ms of the monotonic clock and never go back. A call costs two
 * comparisons and two increments, which is negligible at thousands of calls a second.
 */
export class TimelineRecorder {
  readonly #options: TimelineRecorderOptions;
  readonly #startedAt = new Date().toISOString();
  readonly #waits = noWaits();
  #bucketMs = FIRST_STRETCH_SECONDS * 1000;
  #buckets: GrowingBucket[] = [];
  #last: GrowingBucket = newBucket();
  /** When the last bucket ends, in ms since the start of the first. */
  #endMs = this.#bucketMs;
  /** The instant up to which the bottleneck is recorded, in whole ms since the start of the first bucket. */
  #lookedMs = 0;

  constructor(options: TimelineRecorderOptions) {
    this.#options = options;
    this.#buckets.push(this.#last);
  }

  /** How long this attempt has waited for each bottleneck so far, ms. */
  get waits(): Readonly<Record<Wait, number>> {
    return this.#waits;
  }

  sent(at: number): void {
    if (at - this.#options.at >= this.#endMs) this.look(at);
    this.#last.calls += 1;
  }

  /** @param ms from the sending of the call to its answer */
  answered(at: number, ms: number): void {
    if (at - this.#options.at >= this.#endMs) this.look(at);
    const { latencies } = this.#last;
    const place = latencyBound(ms);
    latencies[place] = (latencies[place] ?? 0) + 1;
  }

  failed(at: number, error: string): void {
    if (at - this.#options.at >= this.#endMs) this.look(at);
    const { errors } = this.#last;
    errors[error] = (errors[error] ?? 0) + 1;
  }

  /** Attributes the time since the last sample to the current bottleneck. */
  look(at: number): void {
    const wait = this.#options.bottleneck();
    const ms = Math.floor(at - this.#options.at);
    while (this.#lookedMs < ms) {
      const until = Math.min(ms, this.#endMs);
      this.#last.waits[wait] += until - this.#lookedMs;
      this.#waits[wait] += until - this.#lookedMs;
      this.#lookedMs = until;
      if (until === this.#endMs) this.#beginStretch();
    }
  }

  /** The whole timeline up to now. */
  timeline(at: number): Timeline {
    this.look(at);
    const full = Math.ceil(this.#lookedMs / this.#bucketMs);
    return {
      startedAt: this.#startedAt,
      quota: this.#options.quota,
      ...this.#options.rateLimits(),
      bucketSeconds: this.#bucketMs / 1000,
      // A bucket that has just started has no width.
      buckets: structuredClone<Bucket[]>(this.#buckets.slice(0, Math.max(1, full))),
      seconds: this.#lookedMs / 1000,
    };
  }

  #beginStretch(): void {
    if (this.#buckets.length === MAX_BUCKETS) {
      this.#buckets = inPairs(this.#buckets);
      this.#bucketMs *= 2;
    }
    this.#last = newBucket();
    this.#buckets.push(this.#last);
    this.#endMs = this.#buckets.length * this.#bucketMs;
  }
}

const noWaits = (): Record<Wait, number> => ({ quota: 0, latency: 0, backOff: 0, destination: 0 });

const newBucket = (): GrowingBucket => ({
  calls: 0,
  errors: {},
  latencies: new Array<number>(LATENCY_BOUNDS_MS.length + 1).fill(0),
  waits: noWaits(),
});

/** The index of the first bound that is not passed. */
function latencyBound(ms: number): number {
  let from = 0;
  let to = LATENCY_BOUNDS_MS.length;
  while (from < to) {
    const middle = (from + to) >> 1;
    if (ms <= (LATENCY_BOUNDS_MS[middle] ?? 0)) to = middle;
    else from = middle + 1;
  }
  return from;
}

function inPairs(buckets: readonly GrowingBucket[]): GrowingBucket[] {
  const pairs: GrowingBucket[] = [];
  for (let i = 0; i < buckets.length; i += 2) pairs.push(addUp(buckets.slice(i, i + 2)));
  return pairs;
}

function addUp(parts: readonly GrowingBucket[]): GrowingBucket {
  const sum = newBucket();
  for (const { calls, errors, latencies, waits } of parts) {
    sum.calls += calls;
    for (const [error, count] of Object.entries(errors)) sum.errors[error] = (sum.errors[error] ?? 0) + count;
    for (const [i, count] of latencies.entries()) sum.latencies[i] = (sum.latencies[i] ?? 0) + count;
    for (const wait of Object.keys(waits) as Wait[]) sum.waits[wait] += waits[wait];
  }
  return sum;
}
