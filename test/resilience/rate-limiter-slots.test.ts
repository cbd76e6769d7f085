import { getEventListeners } from 'node:events';
import { expect, test } from 'vitest';
import { LocalRateLimiter } from '../../src/resilience/local-rate-limiter.ts';
import { rateWindowMs } from '../../src/resilience/rate-limiter.ts';
import { ManualClock } from './manual-clock.ts';
import { never } from './timing.ts';

test('slots are given in the order of asking', async () => {
  const clock = new ManualClock();
  const limiter = new LocalRateLimiter({ rate: 1_000, margin: 0, clock });
  const order: number[] = [];
  const slots = Array.from({ length: 50 }, async (_, n) => {
    (await limiter.slot(never)).written();
    order.push(n);
  });
  await clock.until(Promise.all(slots));
  expect(order).toEqual(Array.from({ length: 50 }, (_, n) => n));
});

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

test('who is aborted leaves the queue with the reason and takes no slot', async () => {
  const clock = new ManualClock();
  const limiter = new LocalRateLimiter({ rate: 1, margin: 0, clock });
  (await limiter.slot(never)).written();
  const controller = new AbortController();
  const reason = new Error('enough');
  const dropped = [limiter.slot(controller.signal), limiter.slot(controller.signal)];
  const kept = limiter.slot(never);
  const late = limiter.slot(controller.signal);
  const settlements = Promise.allSettled([...dropped, late]);
  controller.abort(reason);
  expect((await settlements).map((each) => each.status === 'rejected' && each.reason)).toEqual([
    reason,
    reason,
    reason,
  ]);
  // A slot given to one of those would never be written, and so hold this one back for ever.
  (await clock.until(kept)).written();
  await expect(limiter.slot(controller.signal)).rejects.toBe(reason);
});

test('a slot leaves no listener behind at its signal', async () => {
  const clock = new ManualClock();
  const limiter = new LocalRateLimiter({ rate: 100, margin: 0, clock });
  const { signal } = new AbortController();
  (await limiter.slot(signal)).written();
  (await clock.until(limiter.slot(signal))).written();
  expect(getEventListeners(signal, 'abort')).toHaveLength(0);
});

test('a burst of rate-limit errors slows once, a later one again, and the pace recovers', async () => {
  const clock = new ManualClock();
  const limiter = new LocalRateLimiter({ rate: 100, margin: 0, clock });
  // By now the pace is the whole rate.
  for (let n = 0; n < 300; n += 1) (await clock.until(limiter.slot(never))).written();
  const slots = [];
  for (let n = 0; n < 5; n += 1) slots.push(await clock.until(limiter.slot(never)));
  for (const slot of slots) slot.written();
  expect(limiter.factor).toBe(1);
  for (const slot of slots) slot.limited();
  expect(limiter.factor).toBe(0.9);
  const limited = clock.now();
  const next = await clock.until(limiter.slot(never));
  expect(clock.now() - limited).toBe(100);
  next.written();
  expect(limiter.factor).toBeCloseTo(0.901, 9);
  next.limited();
  next.limited();
  for (const slot of slots) slot.limited();
  const left = 0.901 * 0.9;
  expect(limiter.factor).toBeCloseTo(left, 9);
  await clock.advance(1_000);
  const recoverySeconds = (1 - left) * 10;
  expect(limiter.factor).toBeCloseTo(left + (1 - left) / recoverySeconds ** 2, 9);
  await clock.advance(1_000);
  expect(limiter.factor).toBe(1);
});

test('the first second is begun below the full pace, without that counting as slowed', async () => {
  const clock = new ManualClock();
  const limiter = new LocalRateLimiter({ rate: 100, margin: 0, clock });
  const began = clock.now();
  for (let n = 0; n < 40; n += 1) (await clock.until(limiter.slot(never))).written();
  // Forty slots of 10 ms would be over after 390 ms.
  expect(clock.now() - began).toBeGreaterThanOrEqual(440);
  expect(limiter.factor).toBe(1);
});

test('no slot is granted before a given instant, nor while a server asks to wait', async () => {
  const clock = new ManualClock();
  const notBefore = clock.now() + 300;
  const limiter = new LocalRateLimiter({ rate: 1_000, margin: 0, notBefore, clock });
  const first = await clock.until(limiter.slot(never));
  expect(clock.now()).toBe(notBefore);
  first.hold(400);
  // A shorter wait that is asked for meanwhile ends none.
  first.hold(1);
  await clock.until(limiter.slot(never));
  expect(clock.now()).toBe(notBefore + 400);
  await clock.until(limiter.slot(never));
  expect(limiter.factor).toBe(1);
});

test('a call counts for a second and the margin, and for as long as the widest margin where it is automatic', () => {
  expect(rateWindowMs({ rate: 200, margin: 12 })).toBe(1_012);
  expect(rateWindowMs({ rate: 200, margin: 'auto' })).toBe(1_100);
  expect(rateWindowMs({ rate: 0.5, margin: 'auto' })).toBe(2_100);
});
