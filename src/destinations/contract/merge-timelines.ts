import { type Bucket, LATENCY_BOUNDS_MS, MAX_BUCKETS, type Timeline, type Wait } from './timeline.ts';

/**
 * The timelines of the processes of one attempt as one: calls, errors and latencies are sums. The waits of a bucket are the mean
 * over the processes, so that together they are still its length. The clocks of the hosts place the timelines side by side.
 * @param timelines at least one
 */
export function mergeTimelines(timelines: readonly Timeline[]): Timeline {
  const [first] = timelines;
  if (first === undefined) throw new RangeError('there is no timeline to merge');
  if (timelines.length === 1) return first;
  const startMs = Math.min(...timelines.map(startOf));
  const seconds = Math.max(...timelines.map((one) => (startOf(one) - startMs) / 1000 + one.seconds));
  let bucketSeconds = Math.max(...timelines.map((one) => one.bucketSeconds));
  while (seconds / bucketSeconds > MAX_BUCKETS) bucketSeconds *= 2;
  const sums = Array.from({ length: Math.max(1, Math.ceil(seconds / bucketSeconds)) }, emptyBucket);
  for (const one of timelines) {
    const offset = (startOf(one) - startMs) / 1000;
    for (const [i, bucket] of one.buckets.entries()) {
      const place = Math.floor((offset + i * one.bucketSeconds) / bucketSeconds);
      const sum = sums[Math.min(place, sums.length - 1)];
      if (sum !== undefined) add(sum, bucket);
    }
  }
  return {
    startedAt: new Date(startMs).toISOString(),
    // Each process has the rate of all together.
    quota: Math.max(...timelines.map(({ quota }) => quota)),
    rateMarginMs: Math.max(...timelines.map(({ rateMarginMs }) => rateMarginMs)),
    rateLimitedCalls: timelines.reduce((sum, { rateLimitedCalls }) => sum + rateLimitedCalls, 0),
    bucketSeconds,
    buckets: sums.map((sum, i) => {
      const to = Math.min((i + 1) * bucketSeconds, seconds);
      return { ...sum, waits: scaled(sum.waits, (to - i * bucketSeconds) * 1000) };
    }),
    seconds,
  };
}

const startOf = ({ startedAt }: Timeline): number => Date.parse(startedAt);

type Sum = {
  calls: number;
  readonly errors: Record<string, number>;
  readonly latencies: number[];
  readonly waits: Record<Wait, number>;
};

const emptyBucket = (): Sum => ({
  calls: 0,
  errors: {},
  latencies: new Array<number>(LATENCY_BOUNDS_MS.length + 1).fill(0),
  waits: { quota: 0, latency: 0, backOff: 0, destination: 0 },
});

function add(sum: Sum, { calls, errors, latencies, waits }: Bucket): void {
  sum.calls += calls;
  for (const [error, count] of Object.entries(errors)) sum.errors[error] = (sum.errors[error] ?? 0) + count;
  for (const [i, count] of latencies.entries()) sum.latencies[i] = (sum.latencies[i] ?? 0) + count;
  for (const wait of Object.keys(waits) as Wait[]) sum.waits[wait] += waits[wait];
}

function scaled(waits: Readonly<Record<Wait, number>>, ms: number): Record<Wait, number> {
  const all = Object.values(waits).reduce((sum, wait) => sum + wait, 0);
  const share = (wait: Wait): number => (all === 0 ? 0 : Math.round((waits[wait] / all) * ms));
  return {
    quota: share('quota'),
    latency: share('latency'),
    backOff: share('backOff'),
    destination: share('destination'),
  };
}
