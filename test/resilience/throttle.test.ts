import fc from 'fast-check';
import { expect, test } from 'vitest';
import { NOT_THROTTLED, throttleRatio, tightenThrottle } from '../../src/resilience/throttle.ts';

test('without a rate-limit error the whole rate is used', () => {
  expect(throttleRatio(NOT_THROTTLED, 0)).toBe(1);
  expect(throttleRatio(NOT_THROTTLED, 1e12)).toBe(1);
});

test('a cut takes a tenth of what is used, and the rate returns in as many seconds as tenths are missing', () => {
  const cut = tightenThrottle(NOT_THROTTLED, 1_000, false);
  expect(cut).toEqual({ factor: 0.9, at: 1_000, recoveryMs: expect.closeTo(1_000, 9) });
  // Slowly at first: a quarter of it after half of the time.
  expect(throttleRatio(cut, 1_500)).toBeCloseTo(0.925, 9);
  expect(throttleRatio(cut, 2_000)).toBeCloseTo(1, 9);
  expect(throttleRatio(cut, 60_000)).toBe(1);
  expect(tightenThrottle(cut, 1_500, false).factor).toBeCloseTo(0.8325, 9);
});

test('where another client uses the quota, a shallow cut takes four seconds to recover, and no cut more than ten', () => {
  const shallow = tightenThrottle(NOT_THROTTLED, 0, true);
  expect(throttleRatio(shallow, 2_000)).toBeCloseTo(0.925, 9);
  expect(throttleRatio(shallow, 4_000)).toBe(1);
  let deepest = NOT_THROTTLED;
  for (let n = 0; n < 100; n += 1) deepest = tightenThrottle(deepest, 0, true);
  expect(deepest.factor).toBe(0.05);
  expect(throttleRatio(deepest, 10_000)).toBe(1);
});

test('however many cuts come, something is left, and all comes back', () => {
  fc.assert(
    fc.property(
      fc.array(fc.integer({ min: 0, max: 1_000 }), { maxLength: 200 }),
      fc.boolean(),
      (gaps, isShared) => {
        let now = 0;
        let cut = NOT_THROTTLED;
        for (const gap of gaps) {
          now += gap;
          const before = throttleRatio(cut, now);
          cut = tightenThrottle(cut, now, isShared);
          expect(throttleRatio(cut, now)).toBeLessThanOrEqual(before);
          expect(throttleRatio(cut, now)).toBeGreaterThanOrEqual(0.05);
        }
        expect(throttleRatio(cut, now + 10_000)).toBe(1);
      },
    ),
  );
});
