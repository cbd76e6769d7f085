import { expect, test } from 'vitest';
import { StoppedClock, withSimulator } from './calling.ts';

test('a burst gets exactly the quota, and the rest is refused', async () => {
  await using caller = await withSimulator({ rate: 50 }, new StoppedClock());
  const answers = await Promise.all(Array.from({ length: 80 }, () => caller.page('user0000001')));
  const codes = answers.map(({ ErrorCode }) => ErrorCode);
  expect(codes.filter((code) => code === 0)).toHaveLength(50);
  expect(codes.filter((code) => code === 60007)).toHaveLength(30);
  expect(caller.simulator.report()).toMatchObject({
    calls: 80,
    fullestSecond: 80,
    overQuota: 30,
    answers: { 0: 50, 60007: 30 },
    injected: {},
    quotaUsed: null,
  });
});

test('a call that may have arrived in time, before the simulator stood still, is answered and counted apart', async () => {
  const clock = new StoppedClock();
  await using caller = await withSimulator({ rate: 1 }, clock);
  const code = async (): Promise<number> => (await caller.page('user0000001')).ErrorCode;
  clock.stallMs = 12;
  expect(await code()).toBe(0);
  clock.stallMs = 0;
  clock.advance(990);
  expect(await code()).toBe(0);
  clock.advance(1);
  expect(await code()).toBe(60007);
  expect(caller.simulator.report()).toMatchObject({
    calls: 3,
    fullestSecond: 2,
    overQuota: 1,
    notJudged: 1,
    stalls: 1,
    longestStallMs: 12,
  });
});

test('refused calls count against the quota, whatever refused them', async () => {
  await using caller = await withSimulator({ rate: 10, overRateCode: 60011 }, new StoppedClock());
  for (let i = 0; i < 10; i++) expect((await caller.call({ method: 'GET' })).ErrorCode).toBe(60002);
  expect((await caller.page('user0000001')).ErrorCode).toBe(60011);
});

test('the quota is there again a second after the last call', async () => {
  const clock = new StoppedClock();
  await using caller = await withSimulator({ rate: 1 }, clock);
  expect((await caller.page('user0000001')).ErrorCode).toBe(0);
  expect((await caller.page('user0000001')).ErrorCode).toBe(60007);
  clock.advance(999);
  expect((await caller.page('user0000001')).ErrorCode).toBe(60007);
  clock.advance(1_000);
  expect((await caller.page('user0000001')).ErrorCode).toBe(0);
});

test('a call is counted when it arrives, and answered after its latency', async () => {
  const HOUR_MS = 3_600_000;
  await using caller = await withSimulator({ latency: [HOUR_MS, HOUR_MS] });
  let answered = 0;
  const calls = Promise.allSettled(
    Array.from({ length: 10 }, () => caller.page('user0000001').then(() => (answered += 1))),
  );
  await expect.poll(() => caller.simulator.report().calls).toBe(10);
  // A later call that is not delayed is answered before them.
  caller.simulator.change({ latency: [0, 0] });
  expect((await caller.page('user0000001')).ErrorCode).toBe(0);
  expect(answered).toBe(0);
  expect(caller.simulator.report().answers).toEqual({ 0: 1 });
  await caller.dispatcher.destroy();
  await calls;
});

test('injected rate-limit errors are counted apart from earned ones', async () => {
  await using caller = await withSimulator({ faults: { '60007': 1 } });
  expect((await caller.page('user0000001')).ErrorCode).toBe(60007);
  expect(caller.simulator.report()).toMatchObject({
    overQuota: 0,
    injected: { 60007: 1 },
    answers: { 60007: 1 },
  });
});
