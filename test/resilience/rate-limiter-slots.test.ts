import { getEventListeners } from 'node:events';
import { expect, test } from 'vitest';
import { RateLimiter } from '../../src/resilience/rate-limiter.ts';
import { never, settled, sleep } from './timing.ts';

test('slots are given in the order of asking', async () => {
  const limiter = new RateLimiter({ rate: 1_000, marginMs: 0 });
  const order: number[] = [];
  await Promise.all(
    Array.from({ length: 50 }, async (_, n) => {
      (await limiter.slot(never)).written();
      order.push(n);
    }),
  );
  expect(order).toEqual(Array.from({ length: 50 }, (_, n) => n));
});

test('a slot that is not written holds back its successor until it is released', async () => {
  const limiter = new RateLimiter({ rate: 2, marginMs: 0 });
  const first = await limiter.slot(never);
  (await limiter.slot(never)).written();
  let third = false;
  const waiting = limiter.slot(never).then(() => {
    third = true;
  });
  await sleep(1_200);
  expect(third).toBe(false);
  first.release();
  const released = performance.now();
  await waiting;
  expect(performance.now() - released).toBeGreaterThanOrEqual(999);
});

test('a slot counts from when it was written, whatever is said of it later', async () => {
  const limiter = new RateLimiter({ rate: 1, marginMs: 0 });
  const first = await limiter.slot(never);
  first.written();
  const order: string[] = [];
  const waiting = limiter.slot(never).then(() => order.push('from the writing'));
  await sleep(800);
  const later = new RateLimiter({ rate: 1, marginMs: 0 });
  (await later.slot(never)).written();
  first.written();
  first.release();
  await Promise.all([waiting, later.slot(never).then(() => order.push('from the release'))]);
  expect(order).toEqual(['from the writing', 'from the release']);
});

test('late slots are caught up one soon after the other, and never in a bunch', async () => {
  const limiter = new RateLimiter({ rate: 200, marginMs: 0 });
  const at: number[] = [];
  const slots = Array.from({ length: 120 }, async () => {
    (await limiter.slot(never)).written();
    at.push(performance.now());
  });
  for (let blocked = 0; blocked < 4; blocked += 1) {
    await sleep(50);
    const until = performance.now() + 60;
    while (performance.now() < until);
  }
  await Promise.all(slots);
  // An eighth of 5 ms apart, and the millisecond that a timer is late: however busy the machine, no more in 2 ms.
  for (const [i, first] of at.entries()) expect(at[i + 6] ?? first + 9).toBeGreaterThan(first + 2);
});

test('who is aborted leaves the queue with the reason and takes no slot', async () => {
  const limiter = new RateLimiter({ rate: 1, marginMs: 0 });
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
  (await kept).written();
  await expect(limiter.slot(controller.signal)).rejects.toBe(reason);
});

test('a slot leaves no listener behind at its signal', async () => {
  const limiter = new RateLimiter({ rate: 100, marginMs: 0 });
  const { signal } = new AbortController();
  (await limiter.slot(signal)).written();
  (await limiter.slot(signal)).written();
  expect(getEventListeners(signal, 'abort')).toHaveLength(0);
});

test('a burst of rate-limit errors slows once, a later one again, and the pace recovers', async () => {
  const limiter = new RateLimiter({ rate: 100, marginMs: 0 });
  const slots = [];
  for (let n = 0; n < 5; n += 1) slots.push(await limiter.slot(never));
  for (const slot of slots) slot.written();
  expect(limiter.factor).toBe(1);
  for (const slot of slots) slot.limited();
  const limited = performance.now();
  const once = limiter.factor;
  // The pace begins at 0.8, and is a tenth lower now.
  expect(once).toBeGreaterThanOrEqual(0.8 * 0.9);
  expect(once).toBeLessThan(1);
  await settled();
  const next = await limiter.slot(never);
  expect(performance.now() - limited).toBeGreaterThanOrEqual(99);
  next.written();
  const before = limiter.factor;
  next.limited();
  next.limited();
  for (const slot of slots) slot.limited();
  expect(limiter.factor).toBeGreaterThanOrEqual(before * 0.9);
  expect(limiter.factor).toBeLessThan(before);
  while (limiter.factor < 1) await sleep(100);
});

test('the first second is begun below the full pace, without that counting as slowed', async () => {
  const limiter = new RateLimiter({ rate: 100, marginMs: 0 });
  const began = performance.now();
  for (let n = 0; n < 40; n += 1) (await limiter.slot(never)).written();
  // Forty slots of 10 ms would be over after 390 ms.
  expect(performance.now() - began).toBeGreaterThanOrEqual(440);
  expect(limiter.factor).toBe(1);
});

test('nobody gets a slot before the instant that is named, and nobody while a server asks to wait', async () => {
  const notBefore = performance.now() + 300;
  const limiter = new RateLimiter({ rate: 1_000, marginMs: 0, notBefore });
  const first = await limiter.slot(never);
  expect(performance.now()).toBeGreaterThanOrEqual(notBefore);
  const heldUntil = performance.now() + 400;
  first.hold(400);
  // A shorter wait that is asked for meanwhile ends none.
  first.hold(1);
  await Promise.all([limiter.slot(never), limiter.slot(never)]);
  expect(performance.now()).toBeGreaterThanOrEqual(heldUntil);
  expect(limiter.factor).toBe(1);
});
