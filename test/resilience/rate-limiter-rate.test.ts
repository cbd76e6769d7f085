import { expect, test } from 'vitest';
import { RateLimiter } from '../../src/resilience/rate-limiter.ts';
import { block, never, sleep } from './timing.ts';

/** The shortest time between a write and the `rate`-th one after it. */
function narrowest(writes: readonly number[], rate: number): number {
  const times = [...writes].sort((a, b) => a - b);
  return Math.min(...times.slice(rate).map((time, n) => time - (times[n] ?? 0)));
}

test.each([
  { rate: 50, marginMs: 8, calls: 160 },
  { rate: 200, marginMs: 0, calls: 600 },
  { rate: 3.9, marginMs: 5, calls: 9 },
  { rate: 1, marginMs: 0, calls: 3 },
])(
  'never more than $rate are written in any second and $marginMs ms, however late and disordered they are written',
  async ({ rate, marginMs, calls }) => {
    const limiter = new RateLimiter({ rate, marginMs });
    const writes: number[] = [];
    const blocking = setInterval(() => block(Math.random() * 60), 90);
    try {
      await Promise.all(
        Array.from({ length: calls }, async () => {
          const slot = await limiter.slot(never);
          if (Math.random() < 0.5) await sleep(Math.random() * 80);
          writes.push(performance.now());
          slot.written();
          if (Math.random() < 0.5) await sleep(Math.random() * 20);
          slot.release();
        }),
      );
    } finally {
      clearInterval(blocking);
    }
    expect(writes).toHaveLength(calls);
    expect(narrowest(writes, Math.floor(rate))).toBeGreaterThanOrEqual(1_000 + marginMs - 0.001);
  },
);

test('a rate below one a second is one call in so many seconds', async () => {
  const limiter = new RateLimiter({ rate: 0.5, marginMs: 0 });
  (await limiter.slot(never)).written();
  const written = performance.now();
  await limiter.slot(never);
  expect(performance.now() - written).toBeGreaterThanOrEqual(1_999);
});

test('idle time gives no burst', async () => {
  const limiter = new RateLimiter({ rate: 50, marginMs: 0 });
  for (let n = 0; n < 3; n += 1) (await limiter.slot(never)).written();
  await sleep(500);
  const asked = performance.now();
  await Promise.all(Array.from({ length: 11 }, async () => (await limiter.slot(never)).written()));
  // The first one comes at once, the other ten in slots of 20 ms.
  expect(performance.now() - asked).toBeGreaterThanOrEqual(199);
});

test('of the time that a blocked event loop lost, only a little is caught up', async () => {
  const limiter = new RateLimiter({ rate: 100, marginMs: 0 });
  let granted = 0;
  const all = Array.from({ length: 90 }, async () => {
    (await limiter.slot(never)).written();
    granted += 1;
  });
  await all[0];
  const before = granted;
  block(600);
  const unblocked = performance.now();
  await all[before];
  await new Promise(setImmediate);
  // 100 ms of slots of 10 ms, and those that have come due since; without a bound it would be 60 at once.
  const most = 12 + (performance.now() - unblocked) / 10;
  expect(granted - before).toBeLessThanOrEqual(most);
  await Promise.all(all);
});
