import fc from 'fast-check';
import { expect, test } from 'vitest';
import { NOT_THROTTLED, throttleRatio, tightenThrottle } from '../../src/resilience/throttle.ts';

test('without a rate-limit error the whole rate is used', () => {
  expect(throttleRatio(NOT_THROTTLED, 0)).toBe(1);
  expect(throttleRatio(NOT_THROTTLED, 1e12)).toBe(1);
});

test('a cut takes a tenth of the rate in use, and a tenth of the full rate comes back each second', () => {
  const cut = tightenThrottle(NOT_THROTTLED, 1_000);
  expect(cut).toEqual({ factor: 0.9, at: 1_000 });
  expect(throttleRatio(cut, 1_500)).toBeCloseTo(0.95, 9);
  expect(throttleRatio(cut, 2_000)).toBeCloseTo(1, 9);
  expect(throttleRatio(cut, 60_000)).toBe(1);
  expect(tightenThrottle(cut, 1_500).factor).toBeCloseTo(0.855, 9);
});

test('however many cuts come, something is left, and all comes back', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: 1_000 }), { maxLength: 200 }), (gaps) => {
      let now = 0;
      let cut = NOT_THROTTLED;
      for (const gap of gaps) {
        now += gap;
        const before = throttleRatio(cut, now);
        cut = tightenThrottle(cut, now);
        expect(throttleRatio(cut, now)).toBeLessThanOrEqual(before);
        expect(throttleRatio(cut, now)).toBeGreaterThanOrEqual(0.05);
      }
      expect(throttleRatio(cut, now + 10_000)).toBe(1);
    }),
  );
});
