import { type Bucket, LATENCY_BOUNDS_MS, MAX_BUCKETS, type Timeline, type Wait } from './timeline.ts';

/**
 * The timelines of the processes of one attempt as one: calls, errors and latencies are sums. The waits of a bucket are the mean
 * over the processes, so that together they are still its length. The clocks of the hosts place the timelines side by side. A
 * bucket that lies in two buckets of the sum is divided by its time in each.
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
      const from = offset + i * one.bucketSeconds;
      const width = Math.max(0, Math.min(one.bucketSeconds, one.seconds - i * one.bucketSeconds));
      const place = Math.min(Math.floor(from / bucketSeconds), sums.length - 1);
      const inFirst = width === 0 ? 1 : Math.min(1, ((place + 1) * bucketSeconds - from) / width);
      const [first, second] = divided(bucket, place === sums.length - 1 ? 1 : inFirst);
      add(sums[place], first);
      add(sums[place + 1], second);
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

/** Two parts of a bucket. Together they hold every call of it. */
function divided(bucket: Bucket, share: number): [Bucket, Bucket] {
  const { errors, latencies, waits } = bucket;
  const part = (of: (count: number) => number): Bucket => ({
    calls: of(bucket.calls),
    errors: Object.fromEntries(Object.entries(errors).map(([error, count]) => [error, of(count)])),
    latencies: latencies.map(of),
    waits: {
      quota: of(waits.quota),
      latency: of(waits.latency),
      backOff: of(waits.backOff),
      destination: of(waits.destination),
    },
  });
  const first = (count: number): number => Math.round(count * share);
  return [part(first), part((count) => count - first(count))];
}

function add(sum: Sum | undefined, { calls, errors, latencies, waits }: Bucket): void {
  if (sum === undefined) return;
  sum.calls += calls;
  for (const [error, count] of Object.entries(errors))
    if (count > 0) sum.errors[error] = (sum.errors[error] ?? 0) + count;
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
