import fc from 'fast-check';
import { expect, test } from 'vitest';
import { RemoteClock } from '../../src/resilience/remote-clock.ts';

const AHEAD_MS = 1_000_000;

const anyTrip = fc.record({
  pauseMs: fc.integer({ min: 1, max: 500 }),
  thereMs: fc.integer({ min: 0, max: 40 }),
  backMs: fc.integer({ min: 0, max: 40 }),
});

test('an instant of the other clock lies between the bounds, and the quickest answers decide how far they are apart', () => {
  fc.assert(
    fc.property(fc.array(anyTrip, { minLength: 1, maxLength: 50 }), (trips) => {
      const clock = new RemoteClock();
      let now = 0;
      let quickest = Number.POSITIVE_INFINITY;
      for (const { pauseMs, thereMs, backMs } of trips) {
        now += pauseMs;
        const sentAt = now;
        now += thereMs + backMs;
        quickest = Math.min(quickest, thereMs + backMs);
        expect(clock.observe({ sentAt, receivedAt: now, read: AHEAD_MS + sentAt + thereMs })).toBe(0);
        expect(clock.earliest(AHEAD_MS + now)).toBeLessThanOrEqual(now);
        expect(clock.latest(AHEAD_MS + now)).toBeGreaterThanOrEqual(now);
      }
      expect(clock.readings).toBe(trips.length);
      // Clocks drift apart, by at most a thousandth each way.
      expect(clock.uncertaintyMs).toBeLessThanOrEqual(quickest + 0.002 * now);
    }),
  );
});

test('a clock that was set is noticed by more than the round trip hides, and only the readings since then count', () => {
  const clock = new RemoteClock();
  const read = (at: number, aheadMs: number) =>
    clock.observe({ sentAt: at - 1, receivedAt: at, read: at + aheadMs });
  expect(read(100, 0)).toBe(0);
  expect(read(200, 500)).toBeGreaterThan(498);
  expect(clock.readings).toBe(1);
  expect(clock.latest(1_500)).toBeCloseTo(1_000, 3);
  expect(read(300, 0)).toBeLessThan(-498);
  expect(clock.latest(1_000)).toBeCloseTo(1_000, 3);
});
