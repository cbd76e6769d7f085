import fc from 'fast-check';
import { expect, test } from 'vitest';
import { readTimestamp } from '../../src/rows/instant.ts';

const LAST = Date.UTC(2101, 0, 1) / 1000 - 1;

test('every second from 1970 to 2100 is written as the standard library writes it', () => {
  const edges = [1, 59, 3_599, 3_600, 86_399, 86_400, Date.UTC(2000, 1, 29) / 1000, LAST].map((seconds) => [
    seconds,
  ]);
  const seconds = fc.integer({ min: 1, max: LAST });
  fc.assert(
    fc.property(seconds, (at) => {
      expect(readTimestamp(at)).toBe(new Date(at * 1000).toISOString().replace('.000', ''));
    }),
    { numRuns: 500, examples: edges as [number][] },
  );
});
