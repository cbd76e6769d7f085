import fc from 'fast-check';
import { expect, test } from 'vitest';
import { readOptions } from '../../../src/simulator/options/read-options.ts';
import { otherCallsBetween } from '../../../src/simulator/service/other-calls.ts';
import { withSimulator } from '../calling.ts';

const other = (otherCalls: number, otherCallsSeconds: [number, number] | null = null) =>
  readOptions({ otherCalls, otherCallsSeconds });

test('the second consumer calls evenly, and only when it is told to', () => {
  expect(otherCallsBetween(other(50), -1, 0)).toBe(50);
  expect(otherCallsBetween(other(50), 7.5, 8)).toBe(25);
  expect(otherCallsBetween(other(0.5), 0, 10)).toBe(5);
  const some = other(50, [5, 10]);
  expect([1, 5, 6, 10, 11].map((at) => otherCallsBetween(some, at - 1, at))).toEqual([0, 0, 50, 50, 0]);
  expect(otherCallsBetween(some, 4.5, 5.5)).toBe(25);
});

test('no call of the second consumer is counted twice or lost between two looks', () => {
  const instants = fc.array(fc.double({ min: 0, max: 30, noNaN: true }), { minLength: 1, maxLength: 50 });
  fc.assert(
    fc.property(instants, fc.nat({ max: 300 }), fc.boolean(), (looks, rate, always) => {
      const options = other(rate, always ? null : [5, 20]);
      let [seen, before] = [0, 0];
      for (const at of looks.sort((a, b) => a - b)) {
        seen += otherCallsBetween(options, before, at);
        before = at;
      }
      expect(seen).toBe(otherCallsBetween(options, 0, before));
    }),
  );
});

test('the two share one quota, and the report tells them apart', async () => {
  await using caller = await withSimulator({ rate: 50, otherCalls: 30 });
  const burst = Array.from({ length: 40 }, () => caller.page('user0000001'));
  const codes = (await Promise.all(burst)).map(({ ErrorCode }) => ErrorCode);
  const report = caller.simulator.report();
  // Only a machine that stalls for a second would let one more in.
  expect(report.seconds).toBeLessThan(1);
  const granted = codes.filter((code) => code === 0).length;
  // Where a window begins, one of the even calls falls in or out.
  expect(granted).toBeGreaterThanOrEqual(19);
  expect(granted).toBeLessThanOrEqual(21);
  expect(report).toMatchObject({ calls: 40, fullestSecond: 40, overQuota: 40 - granted, injected: {} });
  expect(report.otherCalls).toBe(Math.floor(report.seconds * 30));

  caller.simulator.change({ otherCalls: 0 });
  await expect.poll(async () => (await caller.page('user0000001')).ErrorCode, { interval: 1_100 }).toBe(0);
  expect(caller.simulator.report().otherCalls).toBe(report.otherCalls);
});
