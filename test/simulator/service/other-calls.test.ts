import fc from 'fast-check';
import { expect, test } from 'vitest';
import { readOptions } from '../../../src/simulator/options/read-options.ts';
import { otherCallsBetween } from '../../../src/simulator/service/other-calls.ts';
import { StoppedClock, withSimulator } from '../calling.ts';

const other = (otherCalls: number, otherCallsSeconds: [number, number] | null = null) =>
  readOptions({ otherCalls, otherCallsSeconds });

test('the second consumer calls evenly, and only in the given time', () => {
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

test('the two share one quota, and the report counts them separately', async () => {
  const clock = new StoppedClock();
  await using caller = await withSimulator({ rate: 50, otherCalls: 30 }, clock);
  const burst = async (calls: number): Promise<number[]> => {
    const pages = await Promise.all(Array.from({ length: calls }, () => caller.page('user0000001')));
    return pages.map(({ ErrorCode }) => ErrorCode);
  };
  const granted = (codes: readonly number[]): number => codes.filter((code) => code === 0).length;
  expect(granted(await burst(40))).toBe(20);
  clock.advance(500);
  expect(granted(await burst(1))).toBe(0);
  expect(caller.simulator.report()).toMatchObject({
    calls: 41,
    seconds: 0.5,
    fullestSecond: 41,
    overQuota: 21,
    otherCalls: 15,
    injected: {},
  });
  clock.advance(1_000);
  expect(granted(await burst(40))).toBe(20);
  expect(caller.simulator.report()).toMatchObject({ overQuota: 41, otherCalls: 45 });

  caller.simulator.change({ otherCalls: 0 });
  clock.advance(1_000);
  expect(granted(await burst(60))).toBe(50);
  expect(caller.simulator.report()).toMatchObject({ overQuota: 51, otherCalls: 45 });
});
