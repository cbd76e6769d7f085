import { expect, test } from 'vitest';
import { mergeTimelines } from '../../src/destinations/contract/merge-timelines.ts';
import {
  type Bucket,
  LATENCY_BOUNDS_MS,
  MAX_BUCKETS,
  type Timeline,
} from '../../src/destinations/contract/timeline.ts';

const START = Date.parse('2026-11-30T01:00:00.000Z');

const bucket = (calls: number, ms: number, change: Partial<Bucket> = {}): Bucket => ({
  calls,
  errors: {},
  latencies: LATENCY_BOUNDS_MS.map(() => 0).concat(calls),
  waits: { quota: ms, latency: 0, backOff: 0, destination: 0 },
  ...change,
});

const timeline = (afterMs: number, buckets: readonly Bucket[], change: Partial<Timeline> = {}): Timeline => ({
  startedAt: new Date(START + afterMs).toISOString(),
  quota: 200,
  rateMarginMs: 14,
  rateLimitedCalls: 0,
  bucketSeconds: 1,
  buckets,
  seconds: buckets.length,
  ...change,
});

const calls = ({ buckets }: Timeline): number[] => buckets.map((one) => one.calls);

test('the timeline of one process is unchanged', () => {
  const alone = timeline(0, [bucket(5, 1_000)]);
  expect(mergeTimelines([alone])).toBe(alone);
});

test('calls, errors and latencies of several processes are added where they happened', () => {
  const merged = mergeTimelines([
    timeline(2_000, [bucket(7, 1_000, { errors: { '60011': 2 } }), bucket(8, 1_000)], {
      rateLimitedCalls: 2,
      rateMarginMs: 20,
    }),
    timeline(0, [
      bucket(1, 1_000),
      bucket(2, 1_000),
      bucket(3, 1_000, { errors: { '60011': 1, network: 1 } }),
    ]),
  ]);
  expect(merged).toMatchObject({
    startedAt: new Date(START).toISOString(),
    quota: 200,
    seconds: 4,
    bucketSeconds: 1,
    rateLimitedCalls: 2,
    rateMarginMs: 20,
  });
  expect(calls(merged)).toEqual([1, 2, 10, 8]);
  expect(merged.buckets[2]?.errors).toEqual({ '60011': 3, network: 1 });
  expect(merged.buckets.map(({ latencies }) => latencies.at(-1))).toEqual([1, 2, 10, 8]);
});

test('a pause in which no process worked is part of it', () => {
  const merged = mergeTimelines([timeline(0, [bucket(1, 1_000)]), timeline(3_000, [bucket(2, 1_000)])]);
  expect(calls(merged)).toEqual([1, 0, 0, 2]);
});

test('the waits of a bucket are together its length, however many processes waited', () => {
  const backOff = { waits: { quota: 0, latency: 0, backOff: 1_000, destination: 0 } };
  const merged = mergeTimelines([
    timeline(0, [bucket(1, 1_000)]),
    timeline(0, [bucket(1, 1_000)]),
    timeline(0, [bucket(1, 1_000, backOff)]),
    timeline(0, [bucket(1, 1_000, backOff)], { seconds: 0.5 }),
  ]);
  expect(merged.buckets[0]?.waits).toEqual({ quota: 500, latency: 0, backOff: 500, destination: 0 });
});

test('the buckets are as wide as the widest, and wider when there would be too many', () => {
  const wide = timeline(0, [bucket(10, 4_000), bucket(20, 4_000)], { bucketSeconds: 4, seconds: 8 });
  const narrow = timeline(
    0,
    Array.from({ length: 8 }, () => bucket(1, 1_000)),
  );
  const merged = mergeTimelines([wide, narrow]);
  expect([merged.bucketSeconds, calls(merged)]).toEqual([4, [14, 24]]);
  const many = Array.from({ length: MAX_BUCKETS }, () => bucket(1, 1_000));
  const long = mergeTimelines([timeline(0, many), timeline(200_000, many)]);
  expect(long.bucketSeconds).toBe(2);
  expect(long.buckets.length).toBeLessThanOrEqual(MAX_BUCKETS);
  expect(calls(long).reduce((sum, one) => sum + one, 0)).toBe(2 * MAX_BUCKETS);
});

test('the calls of a bucket that lies in two seconds are divided between them, and none is lost', () => {
  const errors = { errors: { '60011': 3 } };
  const merged = mergeTimelines([
    timeline(0, [bucket(30, 1_000), bucket(30, 1_000), bucket(30, 1_000)]),
    timeline(750, [bucket(41, 1_000, errors), bucket(10, 500)], { seconds: 1.5 }),
  ]);
  expect(calls(merged)).toEqual([30 + 10, 30 + 31 + 5, 30 + 5]);
  expect(merged.buckets.map((one) => one.errors)).toEqual([{ '60011': 1 }, { '60011': 2 }, {}]);
  expect(merged.buckets.map(({ latencies }) => latencies.at(-1))).toEqual(calls(merged));
});
