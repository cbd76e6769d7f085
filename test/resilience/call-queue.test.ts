import { expect, test } from 'vitest';
import { CallQueue, type CallQueueOptions } from '../../src/resilience/call-queue.ts';
import { LocalRateLimiter } from '../../src/resilience/local-rate-limiter.ts';
import { ManualClock } from './manual-clock.ts';
import { deferred, never, settled } from './timing.ts';

/** A queue, and the clock by which its slots come. */
function setUp({ rate = 1_000, ...options }: Partial<CallQueueOptions> & { readonly rate?: number } = {}) {
  const clock = new ManualClock();
  const queue = new CallQueue({
    limiter: new LocalRateLimiter({ rate, margin: 0, clock }),
    concurrency: 1,
    gate: async () => {},
    ...options,
  });
  return { queue, clock };
}

test('the more urgent comes first, and of equals who asked first', async () => {
  const { queue, clock } = setUp();
  const hold = deferred();
  const order: string[] = [];
  const first = queue.attempt(() => hold.promise, 0, never);
  const named = (name: string, priority: number) =>
    queue.attempt(async () => void order.push(name), priority, never);
  const others = [named('low', -2), named('high 1', 5), named('middle', 0), named('high 2', 5)];
  expect(queue.waiting).toBe(4);
  hold.resolve();
  await clock.until(Promise.all([first, ...others]));
  expect(order).toEqual(['high 1', 'high 2', 'middle', 'low']);
  expect(queue.waiting).toBe(0);
});

test('no more attempts are under way at once than allowed, failed ones included', async () => {
  const { queue, clock } = setUp({ concurrency: 3 });
  let underWay = 0;
  let most = 0;
  const attempts = Array.from({ length: 60 }, (_, n) =>
    queue.attempt(
      async () => {
        underWay += 1;
        most = Math.max(most, underWay);
        await clock.wait((n * 7) % 11);
        underWay -= 1;
        if (n % 3 === 0) throw new Error('failed');
      },
      0,
      never,
    ),
  );
  await clock.until(Promise.allSettled(attempts));
  expect(most).toBe(3);
});

test('the gate holds attempts back, without a slot; a probe passes it', async () => {
  const gate = deferred();
  // One slot a second: an attempt at the gate that held one would keep the probe waiting for ever.
  const { queue, clock } = setUp({ rate: 1, gate: () => gate.promise });
  const calls: string[] = [];
  const attempt = queue.attempt(async () => calls.push('attempt'), 0, never);
  await settled();
  await queue.probe(async (slot) => {
    slot.written();
    calls.push('probe');
  }, never);
  expect(calls).toEqual(['probe']);
  gate.resolve();
  await clock.until(attempt);
  expect(calls).toEqual(['probe', 'attempt']);
});

test('a gate that fails fails the attempt, and the next one has its turn', async () => {
  const tooLong = new Error('too long');
  let fails = true;
  const { queue, clock } = setUp({
    gate: async () => {
      if (fails) throw tooLong;
    },
  });
  await expect(queue.attempt(async () => 1, 0, never)).rejects.toBe(tooLong);
  fails = false;
  expect(await clock.until(queue.attempt(async () => 2, 0, never))).toBe(2);
});

test('an attempt that ends without being written gives its slot back', async () => {
  const { queue, clock } = setUp({ rate: 1 });
  await expect(
    queue.attempt(
      async () => {
        throw new Error('no connection');
      },
      0,
      never,
    ),
  ).rejects.toThrow('no connection');
  expect(await clock.until(queue.attempt(async () => 'next', 0, never))).toBe('next');
});

test('an abort drops who has not begun and leaves alone who has', async () => {
  const { queue } = setUp();
  const controller = new AbortController();
  const reason = new Error('let go');
  const hold = deferred<string>();
  let begun = 0;
  const call = () => {
    begun += 1;
    return hold.promise;
  };
  const first = queue.attempt(call, 0, controller.signal);
  const second = queue.attempt(call, 0, controller.signal);
  while (begun === 0) await settled();
  controller.abort(reason);
  await settled();
  hold.resolve('done');
  expect(await first).toBe('done');
  await expect(second).rejects.toBe(reason);
  expect(begun).toBe(1);
});
