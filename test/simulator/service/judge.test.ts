import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Arrivals } from '../../../src/simulator/service/arrivals.ts';
import { CallRecorder } from '../../../src/simulator/service/call-recorder.ts';

/** Arrivals in random gaps, some of them exactly 0 or a whole second. */
const gaps = fc.array(fc.oneof(fc.constant(0), fc.constant(1_000), fc.integer({ min: 0, max: 2_000 })), {
  minLength: 1,
  maxLength: 300,
});

const instants = (list: readonly number[]): number[] => {
  let at = 5_000;
  return list.map((gap) => {
    at += gap / 8;
    return at;
  });
};

test('the window holds exactly the arrivals of the last 1,000 ms', () => {
  fc.assert(
    fc.property(gaps, (list) => {
      const arrivals = new Arrivals();
      const times = instants(list);
      times.forEach((at, i) => {
        const expected = times.slice(0, i + 1).filter((earlier) => earlier > at - 1_000).length;
        expect(arrivals.add(at)).toBe(expected);
      });
    }),
  );
});

test('the window survives more arrivals in a second than it was made for', () => {
  const arrivals = new Arrivals();
  for (let i = 0; i < 1_500; i++) arrivals.add(i * 0.5);
  for (let i = 1_500; i < 9_999; i++) expect(arrivals.add(i * 0.5)).toBe(Math.min(i + 1, 2_000));
});

test('the report counts what a plain count finds', () => {
  fc.assert(
    fc.property(gaps, (list) => {
      const judge = new CallRecorder();
      const times = instants(list);
      for (const at of times) judge.arrive(at);
      const report = judge.report(200);
      const first = times[0] ?? 0;
      const last = times.at(-1) ?? 0;
      const within = times.filter((at) => at >= first + 1_000 && at <= last - 1_000).length;
      expect(report.calls).toBe(times.length);
      expect(report.callsBySecond.reduce((a, b) => a + b, 0)).toBe(times.length);
      expect(report.fullestSecond).toBe(
        Math.max(...times.map((at) => times.filter((t) => t > at - 1_000 && t <= at).length)),
      );
      if (last - first < 3_000) expect(report.quotaUsed).toBe(null);
      else expect(report.quotaUsed).toBeCloseTo(within / (0.2 * (last - first - 2_000)), 9);
    }),
  );
});

test('even calls at the quota use all of it and never pass it', () => {
  const judge = new CallRecorder();
  for (let i = 0; i < 2_000; i++) judge.arrive(i * 5);
  const report = judge.report(200);
  expect(report.fullestSecond).toBe(200);
  expect(report.quotaUsed).toBeCloseTo(1, 2);
  expect(report.wasTheLimit).toBe(false);
});

test('a window counts what arrived in it for certain, when calls were seen after stalls', () => {
  const stalls = fc.array(fc.tuple(fc.nat({ max: 1_200 }), fc.nat({ max: 1_200 })), {
    minLength: 1,
    maxLength: 200,
  });
  fc.assert(
    fc.property(stalls, (list) => {
      const arrivals = new Arrivals();
      let [at, earliest] = [0, Number.NEGATIVE_INFINITY];
      const calls: { readonly earliest: number }[] = [];
      for (const [gap, stall] of list) {
        at += gap / 8;
        earliest = Math.max(earliest, at - stall / 8);
        const before = calls.filter((call) => call.earliest > at - 1_000).length;
        expect(arrivals.add(at, at - stall / 8)).toBe(before + 1);
        calls.push({ earliest });
      }
    }),
  );
});

test('a call that is late only because the judge stood still passes no quota', () => {
  // Ten calls a second, 100 ms apart and the margin; each is seen when it arrives, but for the fourth.
  const instants = Array.from({ length: 30 }, (_, i) => i * 100.8);
  const seen = instants.map((at, i) => (i === 3 ? at + 12 : at));
  const trusting = new CallRecorder();
  for (const at of seen) trusting.arrive(at);
  expect(trusting.report(10)).toMatchObject({ fullestSecond: 11, stalls: 0, longestStallMs: 0 });
  const watching = new CallRecorder();
  for (const [i, at] of seen.entries()) watching.arrive(at, i === 3 ? at - 15 : at);
  expect(watching.report(10)).toMatchObject({ fullestSecond: 10, stalls: 1, longestStallMs: 15 });
});

test('one stall is counted once, however many calls are seen after it', () => {
  const judge = new CallRecorder();
  for (const [at, earliest] of [
    [0, 0],
    [20, 5],
    [21, 5],
    [22, 5],
    [40, 40],
    [60, 50],
  ] as const)
    judge.arrive(at, earliest);
  expect(judge.report(10)).toMatchObject({ calls: 6, stalls: 2, longestStallMs: 17 });
});

test('calls over the quota are counted in their second', () => {
  const judge = new CallRecorder();
  for (const at of [5_000, 5_100, 6_500, 7_900]) {
    judge.arrive(at);
    if (at > 5_000 && at < 7_000) judge.refusedOverQuota();
  }
  expect(judge.report(1)).toMatchObject({
    callsBySecond: [2, 1, 1],
    overQuota: 2,
    overQuotaBySecond: [1, 1],
  });
});
