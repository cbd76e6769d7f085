import fc from 'fast-check';
import { expect, test } from 'vitest';
import { LocalRateLimiter } from '../../src/resilience/local-rate-limiter.ts';
import { rateWindowMs } from '../../src/resilience/rate-limiter.ts';
import { anyCall } from './any-call.ts';
import { ManualClock } from './manual-clock.ts';
import { narrowest } from './narrowest.ts';
import { never } from './timing.ts';

test('a slot that is not written holds back its successor until it is released', async () => {
  const clock = new ManualClock();
  const limiter = new LocalRateLimiter({ rate: 2, margin: 0, clock });
  const first = await limiter.slot(never);
  (await clock.until(limiter.slot(never))).written();
  let third = false;
  const waiting = limiter.slot(never).then(() => {
    third = true;
  });
  await clock.advance(60_000);
  expect(third).toBe(false);
  first.release();
  const released = clock.now();
  await clock.until(waiting);
  expect(clock.now() - released).toBe(1_000);
});

test('a slot counts from when it was written, whatever is said of it later', async () => {
  const clock = new ManualClock();
  const limiter = new LocalRateLimiter({ rate: 1, margin: 0, clock });
  // The pace is the whole rate from the third call on.
  for (let n = 0; n < 3; n += 1) (await clock.until(limiter.slot(never))).written();
  const slot = await clock.until(limiter.slot(never));
  slot.written();
  const written = clock.now();
  const waiting = limiter.slot(never);
  await clock.advance(800);
  slot.written();
  slot.release();
  await clock.until(waiting);
  expect(clock.now() - written).toBe(1_000);
});

test('late slots are caught up one soon after the other, and never in a bunch', async () => {
  const clock = new ManualClock();
  const limiter = new LocalRateLimiter({ rate: 200, margin: 0, clock });
  const at: number[] = [];
  const slots = Array.from({ length: 700 }, async () => {
    (await limiter.slot(never)).written();
    at.push(clock.now());
  });
  // By now the pace is the whole rate.
  await clock.until(Promise.all(slots.slice(0, 500)));
  const began = clock.now();
  for (let blocked = 0; blocked < 4; blocked += 1) {
    await clock.advance(50);
    clock.block(60);
  }
  await clock.until(Promise.all(slots));
  // An eighth of 5 ms apart, and the millisecond that a timer is late: no more in 2 ms.
  for (const [i, first] of at.entries()) expect(at[i + 6] ?? first + 9).toBeGreaterThan(first + 2);
  // None was lost: 200 slots of 5 ms.
  expect(clock.now() - began).toBe(1_000);
});

test('no slot is granted before a given instant', async () => {
  const clock = new ManualClock();
  const notBefore = clock.now() + 300;
  const limiter = new LocalRateLimiter({ rate: 1_000, margin: 0, notBefore, clock });
  await clock.until(limiter.slot(never));
  expect(clock.now()).toBe(notBefore);
});

test('a call counts for a second and the margin, and for as long as the widest margin where it is automatic', () => {
  expect(rateWindowMs({ rate: 200, margin: 12 })).toBe(1_012);
  expect(rateWindowMs({ rate: 200, margin: 'auto' })).toBe(1_100);
  expect(rateWindowMs({ rate: 0.5, margin: 'auto' })).toBe(2_100);
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
