import type { ShownRun } from '../../past-runs/list-runs.ts';

/** The timeline of a run. */
export type ShownTimeline = ShownRun['timeline'];

/** One attempt of the run. */
export type RunAttempt = ShownTimeline['attempts'][number];

type Bucket = RunAttempt['buckets'][number];

/** A bucket of an attempt, as the page shows it. */
export type ShownBucket = Bucket & {
  /** The index of the attempt, from 0. */
  readonly start: number;
  /** Seconds from the start of the attempt. */
  readonly from: number;
  readonly to: number;
};

// As many as a screen can show and a table can list.
const MAX_SHOWN = 120;

/** The buckets of all attempts. Buckets are merged when there are too many to show. */
export function shownBuckets(attempts: readonly RunAttempt[]): ShownBucket[] {
  const longest = Math.max(0, ...attempts.map(({ buckets }) => buckets.length));
  for (let together = 1; ; together += 1) {
    const shown = attempts.reduce((sum, { buckets }) => sum + Math.ceil(buckets.length / together), 0);
    if (shown > MAX_SHOWN && together < longest) continue;
    return attempts.flatMap((start, number) => putTogether(start, number, together));
  }
}

function putTogether({ buckets, bucketSeconds, seconds }: RunAttempt, start: number, together: number) {
  const shown: ShownBucket[] = [];
  for (let first = 0; first < buckets.length; first += together) {
    const some = buckets.slice(first, first + together);
    const from = first * bucketSeconds;
    const end = from + some.length * bucketSeconds;
    const to = first + together < buckets.length ? end : Math.min(end, seconds);
    if (to <= from) continue;
    const last = shown.at(-1);
    // A very short last bucket would show a rate that never lasted.
    if (last !== undefined && to - from < (together * bucketSeconds) / 2) {
      shown.splice(-1, 1, { ...addUp([last, ...some]), start, from: last.from, to });
    } else {
      shown.push({ ...addUp(some), start, from, to });
    }
  }
  return shown;
}

/** Merges several buckets. */
export function addUp(buckets: readonly Bucket[]): Bucket {
  const errors: Record<string, number> = {};
  const latencies: number[] = [];
  const waits = { quota: 0, latency: 0, backOff: 0, destination: 0 };
  let calls = 0;
  for (const bucket of buckets) {
    calls += bucket.calls;
    for (const [cause, count] of Object.entries(bucket.errors)) errors[cause] = (errors[cause] ?? 0) + count;
    for (const [place, count] of bucket.latencies.entries())
      latencies[place] = (latencies[place] ?? 0) + count;
    for (const wait of Object.keys(waits) as (keyof typeof waits)[]) waits[wait] += bucket.waits[wait];
  }
  return { calls, errors, latencies, waits };
}
