import { expect, test } from 'vitest';
import {
  LATENCY_BOUNDS_MS,
  MAX_BUCKETS,
  type Timeline,
  type Wait,
} from '../../../src/destinations/contract/timeline.ts';
import { TimelineRecorder } from '../../../src/run/pull/timeline-recorder.ts';

const BEGAN = 12_345.678;

function recorder() {
  const now: { wait: Wait } = { wait: 'quota' };
  const of = new TimelineRecorder({
    quota: 200,
    at: BEGAN,
    bottleneck: () => now.wait,
    rateLimits: () => ({ rateMarginMs: 14, rateLimitedCalls: 3 }),
  });
  return { of, now, at: (seconds: number) => BEGAN + seconds * 1000 };
}

const sum = (values: Iterable<number>): number => [...values].reduce((total, value) => total + value, 0);
const calls = ({ buckets }: Timeline): number => sum(buckets.map((bucket) => bucket.calls));
const waited = ({ buckets }: Timeline): number =>
  sum(buckets.flatMap((bucket) => Object.values(bucket.waits)));

test('each call counts in the second in which it was sent, to the millisecond', () => {
  const { of, at } = recorder();
  for (const seconds of [0, 0.2, 0.999, 1, 1.5, 3.25]) of.sent(at(seconds));
  const timeline = of.timeline(at(3.5));
  expect(timeline).toMatchObject({ quota: 200, bucketSeconds: 1, seconds: 3.5 });
  expect(timeline).toMatchObject({ rateMarginMs: 14, rateLimitedCalls: 3 });
  expect(timeline.buckets.map((bucket) => bucket.calls)).toEqual([3, 2, 0, 1]);
  expect(timeline.startedAt).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
});

test('an error and an answer count in the second in which they came', () => {
  const { of, at } = recorder();
  of.failed(at(0.1), '60007');
  of.failed(at(1.1), '60007');
  of.failed(at(1.2), 'network');
  of.failed(at(1.3), '60007');
  const { buckets } = of.timeline(at(2));
  expect(buckets.map(({ errors }) => errors)).toEqual([{ '60007': 1 }, { '60007': 2, network: 1 }]);
});

test('a latency counts at the first bound that it does not pass, and beyond the last at one more', () => {
  const { of, at } = recorder();
  const latencies = [0.2, 1, 1.01, 100, 29_000, 10_000_000];
  for (const ms of latencies) of.answered(at(0.5), ms);
  const [bucket] = of.timeline(at(1)).buckets;
  expect(bucket?.latencies).toHaveLength(LATENCY_BOUNDS_MS.length + 1);
  const counted = bucket?.latencies.flatMap((count, i) =>
    Array<number>(count).fill(LATENCY_BOUNDS_MS[i] ?? Number.POSITIVE_INFINITY),
  );
  expect(counted).toEqual([1, 1, 2, 108, 35_873, Number.POSITIVE_INFINITY]);
});

test('what the run waits for is what it has waited for since the last look, and together that is all of the time', () => {
  const { of, now, at } = recorder();
  const looks: [number, Wait][] = [
    [0.4, 'quota'],
    [0.7, 'latency'],
    [2.3, 'destination'],
    [2.5, 'backOff'],
  ];
  for (const [seconds, wait] of looks) {
    now.wait = wait;
    of.look(at(seconds));
  }
  now.wait = 'quota';
  const { buckets, seconds } = of.timeline(at(2.75));
  expect(seconds).toBe(2.75);
  expect(buckets.map(({ waits }) => waits)).toEqual([
    { quota: 400, latency: 300, backOff: 0, destination: 300 },
    { quota: 0, latency: 0, backOff: 0, destination: 1000 },
    { quota: 250, latency: 0, backOff: 200, destination: 300 },
  ]);
  expect(of.waits).toEqual({ quota: 650, latency: 300, backOff: 200, destination: 1600 });
});

test('a run of 14 hours has at most so many buckets, and loses none of its counts', () => {
  const { of, at } = recorder();
  const seconds = 14 * 3600;
  for (let second = 0; second < seconds; second += 1) {
    of.sent(at(second + 0.25));
    of.sent(at(second + 0.5));
    of.answered(at(second + 0.6), 40);
    if (second % 1000 === 0) of.failed(at(second + 0.7), '50004');
  }
  const timeline = of.timeline(at(seconds));
  expect(timeline.bucketSeconds).toBe(256);
  expect(timeline.buckets).toHaveLength(Math.ceil(seconds / 256));
  expect(timeline.buckets.length).toBeLessThanOrEqual(MAX_BUCKETS);
  for (const bucket of timeline.buckets.slice(0, -1)) {
    expect(bucket.calls).toBe(512);
    expect(sum(Object.values(bucket.waits))).toBe(256_000);
  }
  expect(calls(timeline)).toBe(2 * seconds);
  expect(sum(timeline.buckets.flatMap(({ latencies }) => latencies))).toBe(seconds);
  expect(sum(timeline.buckets.map(({ errors }) => errors['50004'] ?? 0))).toBe(51);
  expect(waited(timeline)).toBe(seconds * 1000);
  expect(timeline.seconds).toBe(seconds);
});

test('a program that was stopped for hours has buckets for that time, too', () => {
  const { of, at } = recorder();
  of.sent(at(0.5));
  of.sent(at(5 * 3600));
  const timeline = of.timeline(at(5 * 3600 + 1));
  expect(timeline.buckets.length).toBeLessThanOrEqual(MAX_BUCKETS);
  expect(calls(timeline)).toBe(2);
  expect(timeline.buckets[0]?.calls).toBe(1);
  expect(timeline.buckets.at(-1)?.calls).toBe(1);
  expect(waited(timeline)).toBe((5 * 3600 + 1) * 1000);
});

test('a timeline that was handed out does not change any more', () => {
  const { of, at } = recorder();
  of.sent(at(0.5));
  const early = of.timeline(at(0.75));
  of.sent(at(0.8));
  of.failed(at(0.8), 'network');
  of.look(at(0.9));
  expect(early.buckets).toMatchObject([{ calls: 1, errors: {}, waits: { quota: 750 } }]);
});
