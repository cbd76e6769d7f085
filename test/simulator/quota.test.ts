import { expect, test } from 'vitest';
import { withSimulator } from './calling.ts';

/** As many calls at once, after a while without any: the codes of their answers, and what the simulator counted. */
async function burst(calls: number, rate: number) {
  for (;;) {
    await using caller = await withSimulator({ rate });
    const answers = await Promise.all(Array.from({ length: calls }, () => caller.page('user0000001')));
    const report = caller.simulator.report();
    // On a machine that stalls for a second it is no burst, and more calls are let in.
    if (report.seconds < 1) return { codes: answers.map(({ ErrorCode }) => ErrorCode), report };
  }
}

test('a burst gets exactly the quota, and the rest is refused', async () => {
  const { codes, report } = await burst(80, 50);
  expect(codes.filter((code) => code === 0)).toHaveLength(50);
  expect(codes.filter((code) => code === 60007)).toHaveLength(30);
  expect(report).toMatchObject({
    calls: 80,
    fullestSecond: 80,
    overQuota: 30,
    answers: { 0: 50, 60007: 30 },
    injected: {},
    quotaUsed: null,
  });
});

test('refused calls count against the quota, whatever refused them', async () => {
  await using caller = await withSimulator({ rate: 10, overRateCode: 60011 });
  for (let i = 0; i < 10; i++) expect((await caller.call({ method: 'GET' })).ErrorCode).toBe(60002);
  expect((await caller.page('user0000001')).ErrorCode).toBe(60011);
});

test('the quota is there again a second later', async () => {
  await using caller = await withSimulator({ rate: 1 });
  expect((await caller.page('user0000001')).ErrorCode).toBe(0);
  expect((await caller.page('user0000001')).ErrorCode).toBe(60007);
  await expect
    .poll(async () => (await caller.page('user0000001')).ErrorCode, { interval: 1_100, timeout: 5_000 })
    .toBe(0);
});

test('latency comes after the arrival is taken', async () => {
  await using caller = await withSimulator({ latency: [400, 450] });
  const began = performance.now();
  await Promise.all(Array.from({ length: 10 }, () => caller.page('user0000001')));
  expect(performance.now() - began).toBeGreaterThanOrEqual(395);
  expect(caller.simulator.report().seconds).toBeLessThan(0.39);
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
