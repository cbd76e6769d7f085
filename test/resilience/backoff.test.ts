import fc from 'fast-check';
import { expect, test } from 'vitest';
import { backoffMs, DEFAULT_BACKOFF } from '../../src/resilience/backoff.ts';

test('the bound of the wait doubles with each failure until the cap', () => {
  const bounds = [1, 2, 3, 4, 5, 6, 7].map((n) => backoffMs(n, 1, { baseMs: 100, capMs: 2_000 }));
  expect(bounds).toEqual([100, 200, 400, 800, 1_600, 2_000, 2_000]);
});

test('the wait is spread over all from nothing to its bound', () => {
  const bound = backoffMs(3, 1, DEFAULT_BACKOFF);
  expect(backoffMs(3, 0, DEFAULT_BACKOFF)).toBe(0);
  expect(backoffMs(3, 0.25, DEFAULT_BACKOFF)).toBe(bound / 4);
});

test('after any number of failures the wait is a number within the cap', () => {
  const random = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 1_000_000 }), random, (failures, jitter) => {
      const wait = backoffMs(failures, jitter, DEFAULT_BACKOFF);
      expect(wait).toBeGreaterThanOrEqual(0);
      expect(wait).toBeLessThanOrEqual(DEFAULT_BACKOFF.capMs);
    }),
  );
});
