import fc from 'fast-check';
import { expect, test } from 'vitest';
import { cutPace, NO_CUT, paceFactor } from '../../src/resilience/pace-factor.ts';

test('without a limit code the whole rate is used', () => {
  expect(paceFactor(NO_CUT, 0)).toBe(1);
  expect(paceFactor(NO_CUT, 1e12)).toBe(1);
});

test('a cut takes a tenth of what is used, and a tenth of the rate comes back each second', () => {
  const cut = cutPace(NO_CUT, 1_000);
  expect(cut).toEqual({ factor: 0.9, at: 1_000 });
  expect(paceFactor(cut, 1_500)).toBeCloseTo(0.95, 9);
  expect(paceFactor(cut, 2_000)).toBeCloseTo(1, 9);
  expect(paceFactor(cut, 60_000)).toBe(1);
  expect(cutPace(cut, 1_500).factor).toBeCloseTo(0.855, 9);
});

test('however many cuts come, something is left, and all comes back', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: 1_000 }), { maxLength: 200 }), (gaps) => {
      let now = 0;
      let cut = NO_CUT;
      for (const gap of gaps) {
        now += gap;
        const before = paceFactor(cut, now);
        cut = cutPace(cut, now);
        expect(paceFactor(cut, now)).toBeLessThanOrEqual(before);
        expect(paceFactor(cut, now)).toBeGreaterThanOrEqual(0.05);
      }
      expect(paceFactor(cut, now + 10_000)).toBe(1);
    }),
  );
});
