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
