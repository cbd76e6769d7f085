import fc from 'fast-check';
import { expect, test } from 'vitest';
import { LocalRateLimiter } from '../../src/resilience/local-rate-limiter.ts';
import { ManualClock } from './manual-clock.ts';
import { never } from './timing.ts';

/** The shortest time between a write and the `rate`-th one after it. */
function narrowest(writes: readonly number[], rate: number): number {
  const times = [...writes].sort((a, b) => a - b);
  return Math.min(...times.slice(rate).map((time, n) => time - (times[n] ?? 0)));
}

/** How long one call takes to be written and then to end, and how long it blocks the event loop, ms. */
const anyCall = fc.record({
  writtenAfter: fc.oneof(fc.constant(0), fc.double({ min: 0, max: 80, noNaN: true })),
  releasedAfter: fc.oneof(fc.constant(0), fc.double({ min: 0, max: 20, noNaN: true })),
  blocks: fc.oneof({ weight: 9, arbitrary: fc.constant(0) }, fc.double({ min: 0, max: 60, noNaN: true })),
});

test.each([
  { rate: 50, marginMs: 8, calls: 160 },
  { rate: 200, marginMs: 0, calls: 600 },
  { rate: 3.9, marginMs: 5, calls: 30 },
  { rate: 1, marginMs: 0, calls: 10 },
])(
  'never more than $rate are written in any second and $marginMs ms, however late and disordered they are written',
  async ({ rate, marginMs, calls }) => {
    const lists = fc.array(anyCall, { minLength: calls, maxLength: calls });
    const holds = fc.asyncProperty(lists, async (list) => {
      const clock = new ManualClock();
      const limiter = new LocalRateLimiter({ rate, margin: marginMs, clock });
      const writes: number[] = [];
      const all = list.map(async ({ writtenAfter, releasedAfter, blocks }) => {
        const slot = await limiter.slot(never);
        clock.block(blocks);
        if (writtenAfter > 0) await clock.wait(writtenAfter);
        writes.push(clock.now());
        slot.written();
        if (releasedAfter > 0) await clock.wait(releasedAfter);
        slot.release();
      });
      await clock.until(Promise.all(all));
      expect(writes).toHaveLength(calls);
      expect(narrowest(writes, Math.floor(rate))).toBeGreaterThanOrEqual(1_000 + marginMs - 0.001);
    });
    await fc.assert(holds, { numRuns: 10 });
  },
);

test('a rate below one a second is one call in so many seconds', async () => {
  const clock = new ManualClock();
  const limiter = new LocalRateLimiter({ rate: 0.5, margin: 0, clock });
  const writes: number[] = [];
  for (let n = 0; n < 5; n += 1) {
    (await clock.until(limiter.slot(never))).written();
    writes.push(clock.now());
  }
  expect(narrowest(writes, 1)).toBe(2_000);
});

test('idle time gives no burst', async () => {
  const clock = new ManualClock();
  const limiter = new LocalRateLimiter({ rate: 50, margin: 0, clock });
  for (let n = 0; n < 3; n += 1) (await clock.until(limiter.slot(never))).written();
  await clock.advance(5_000);
  const asked = clock.now();
  const at: number[] = [];
  const slots = Array.from({ length: 11 }, async () => {
    (await limiter.slot(never)).written();
    at.push(clock.now() - asked);
  });
  await clock.until(Promise.all(slots));
  // The first one comes at once, the other ten in slots of 20 ms.
  expect(at).toEqual([0, 20, 40, 60, 80, 100, 120, 140, 160, 180, 200]);
});

test('of the time that a blocked event loop lost, only a little is caught up', async () => {
  const clock = new ManualClock();
  const limiter = new LocalRateLimiter({ rate: 100, margin: 0, clock });
  let granted = 0;
  const all = Array.from({ length: 400 }, async () => {
    (await limiter.slot(never)).written();
    granted += 1;
  });
  // By now the pace is the whole rate.
  await clock.until(Promise.all(all.slice(0, 300)));
  const before = granted;
  clock.block(600);
  await clock.advance(95);
  // Slots of 10 ms: those of 100 ms, the one that is due now, and nine since. Without a bound it would be 69.
  expect(granted - before).toBe(20);
  await clock.until(Promise.all(all));
});
