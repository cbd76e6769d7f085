import { getEventListeners } from 'node:events';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Clock } from '../../src/resilience/clock.ts';
import { LeasedRateLimiter } from '../../src/resilience/leased-rate-limiter.ts';
import { LocalRateLimiter } from '../../src/resilience/local-rate-limiter.ts';
import type { RateLimiter } from '../../src/resilience/rate-limiter.ts';
import { anyCall } from './any-call.ts';
import { LeaseModel } from './lease-model.ts';
import { ManualClock } from './manual-clock.ts';
import { narrowest } from './narrowest.ts';
import { never } from './timing.ts';

const MARGIN_MS = 14;

const kinds: readonly { kind: string; limiterOf: (rate: number, clock: Clock) => RateLimiter }[] = [
  {
    kind: 'of one process',
    limiterOf: (rate, clock) => new LocalRateLimiter({ rate, margin: MARGIN_MS, clock }),
  },
  {
    kind: 'over leases',
    limiterOf: (rate, clock) =>
      new LeasedRateLimiter({ leases: new LeaseModel(clock), rate, margin: MARGIN_MS, clock }),
  },
];

describe.each(kinds)('a rate limiter $kind', ({ limiterOf }) => {
  test('grants slots in the order of asking', async () => {
    const clock = new ManualClock();
    const limiter = limiterOf(1_000, clock);
    const order: number[] = [];
    const slots = Array.from({ length: 50 }, async (_, n) => {
      (await limiter.slot(never)).written();
      order.push(n);
    });
    expect(limiter.waiting).toBeGreaterThan(40);
    await clock.until(Promise.all(slots));
    expect(order).toEqual(Array.from({ length: 50 }, (_, n) => n));
    expect(limiter.waiting).toBe(0);
  });

  test('rejects an aborted caller with the reason, who leaves the queue and takes no slot', async () => {
    const clock = new ManualClock();
    const limiter = limiterOf(1, clock);
    (await clock.until(limiter.slot(never))).written();
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
    const aborted = clock.now();
    (await clock.until(kept)).written();
    // At a pace of 0.8 it would take a second and a quarter.
    expect(clock.now() - aborted).toBeLessThan(1_300);
    await expect(limiter.slot(controller.signal)).rejects.toBe(reason);
  });

  test('leaves no listener behind at a signal', async () => {
    const clock = new ManualClock();
    const limiter = limiterOf(100, clock);
    const { signal } = new AbortController();
    (await clock.until(limiter.slot(signal))).written();
    (await clock.until(limiter.slot(signal))).written();
    expect(getEventListeners(signal, 'abort')).toHaveLength(0);
  });

  test('slows once for a burst of rate-limit errors, again for a later one, and recovers', async () => {
    const clock = new ManualClock();
    const limiter = limiterOf(100, clock);
    // By now the pace is the whole rate.
    for (let n = 0; n < 300; n += 1) (await clock.until(limiter.slot(never))).written();
    const slots = [];
    for (let n = 0; n < 5; n += 1) {
      const slot = await clock.until(limiter.slot(never));
      slot.written();
      slots.push(slot);
    }
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

  test('begins the first second below the full pace, and does not count that as slowed', async () => {
    const clock = new ManualClock();
    const limiter = limiterOf(100, clock);
    (await clock.until(limiter.slot(never))).written();
    const began = clock.now();
    for (let n = 1; n < 40; n += 1) (await clock.until(limiter.slot(never))).written();
    // Forty slots of 10.14 ms would be over after 396 ms.
    expect(clock.now() - began).toBeGreaterThanOrEqual(440);
    expect(limiter.factor).toBe(1);
  });

  test('grants no slot while a server asks to wait', async () => {
    const clock = new ManualClock();
    const limiter = limiterOf(1_000, clock);
    const first = await clock.until(limiter.slot(never));
    const asked = clock.now();
    first.hold(400);
    // A shorter wait that is asked for meanwhile ends none.
    first.hold(1);
    await clock.until(limiter.slot(never));
    expect(clock.now()).toBe(asked + 400);
    await clock.until(limiter.slot(never));
    expect(limiter.factor).toBe(1);
  });

  test('lets one call in so many seconds through at a rate below one a second', async () => {
    const clock = new ManualClock();
    const limiter = limiterOf(0.5, clock);
    const writes: number[] = [];
    for (let n = 0; n < 5; n += 1) {
      (await clock.until(limiter.slot(never))).written();
      writes.push(clock.now());
    }
    expect(narrowest(writes, 1)).toBe(2_000 + MARGIN_MS);
  });

  test('makes no burst of idle time', async () => {
    const clock = new ManualClock();
    const limiter = limiterOf(50, clock);
    for (let n = 0; n < 3; n += 1) (await clock.until(limiter.slot(never))).written();
    await clock.advance(5_000);
    const asked = clock.now();
    const at: number[] = [];
    const slots = Array.from({ length: 11 }, async () => {
      (await limiter.slot(never)).written();
      at.push(clock.now() - asked);
    });
    await clock.until(Promise.all(slots));
    // The first one comes at once, the other ten in slots of 20.28 ms, each up to a timer's millisecond late.
    expect(at.map((ms, n) => ms - n * ((1_000 + MARGIN_MS) / 50))).toSatisfy((late: number[]) =>
      late.every((ms) => ms > -0.001 && ms < 1.001),
    );
  });

  test.each([
    { rate: 50, calls: 160 },
    { rate: 200, calls: 600 },
    { rate: 3.9, calls: 30 },
    { rate: 1, calls: 10 },
  ])(
    'lets never more than $rate be written in any second, however late and disordered they are written',
    async ({ rate, calls }) => {
      const lists = fc.array(anyCall, { minLength: calls, maxLength: calls });
      const holds = fc.asyncProperty(lists, async (list) => {
        const clock = new ManualClock();
        const limiter = limiterOf(rate, clock);
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
        expect(narrowest(writes, Math.floor(rate))).toBeGreaterThanOrEqual(1_000);
      });
      await fc.assert(holds, { numRuns: 10 });
    },
  );
});
