import { expect, test } from 'vitest';
import { BEFORE_OTHERS } from '../support/before-others.ts';
import { csvDestination } from '../support/destinations.ts';
import { type QuotaJudge, startQuotaJudge } from '../support/packets/quota-judge.ts';
import { runProgram, startProgram } from '../support/program.ts';
import { runAgainst, startSimulation } from '../support/simulation.ts';

/** By the kernel's time stamps the default has to do. The simulator's stamps are late by what a loaded machine makes of them. */
const marginFor = ({ judge }: QuotaJudge): readonly string[] =>
  judge === 'kernel' ? [] : ['--rate-margin', '60'];

test('no more calls than the quota arrive in any second, retries included', async () => {
  const simulation = await startSimulation(
    {
      users: 600,
      seed: 31,
      pageSize: 5,
      rate: 200,
      latency: [20, 100],
      faults: { '50004': 0.03, http502: 0.01, reset: 0.01 },
    },
    { apart: true },
  );
  const destination = await csvDestination();
  await using judge = await startQuotaJudge(simulation);
  const { args, env } = runAgainst(simulation, destination.to, '--rate', '200', ...marginFor(judge));
  expect(await runProgram(args, { env, via: BEFORE_OTHERS })).toMatchObject({ code: 0 });
  const verdict = await judge.verdict();
  expect(verdict.calls).toBe((await simulation.report()).calls);
  expect(verdict.calls).toBeGreaterThan(1_000);
  expect(verdict.fullestSecond).toBeLessThanOrEqual(200);
  expect(verdict.overQuota).toBe(0);
});

test('a shared quota is found by its rate-limit errors, and no user fails for them', async () => {
  const simulation = await startSimulation(
    { users: 300, seed: 32, pageSize: 5, rate: 100, latency: [5, 20] },
    { apart: true },
  );
  const destination = await csvDestination();
  const { args, env } = runAgainst(simulation, destination.to, '--rate', '200');
  const run = await runProgram(args, { env, via: BEFORE_OTHERS });
  expect(run).toMatchObject({ code: 0 });
  const report = await simulation.report();
  expect(report.answers['60007']).toBeGreaterThan(0);
  // Twice the quota was asked for; blind repetition would have half of all calls refused.
  expect(report.overQuota / report.calls).toBeLessThan(0.25);
});

test('a second consumer of the quota gets its share while it is there, and no user fails for it', async () => {
  const [comes, goes] = [5, 15];
  const quota = 100;
  const simulation = await startSimulation(
    {
      users: 900,
      seed: 33,
      pageSize: 5,
      rate: quota,
      latency: [5, 20],
      otherCalls: 60,
      otherCallsSeconds: [comes, goes],
    },
    { apart: true },
  );
  const destination = await csvDestination();
  const { args, env } = runAgainst(
    simulation,
    destination.to,
    ...['--rate', String(quota), '--rate-margin', '60'],
  );
  const run = await runProgram(args, { env, via: BEFORE_OTHERS });
  expect(run).toMatchObject({ code: 0 });
  // Once, however often the pace is cut.
  expect(
    run.stderr.match(
      /rate limited by the API: now at \d+ % of 100 calls\/s\. If this lasts, another client shares the quota, or the quota is lower than --rate: lower --rate/g,
    ),
  ).toHaveLength(1);
  const report = await simulation.report();
  expect(report.otherCalls).toBe(60 * (goes - comes));
  const callsASecond = (from: number, to: number): number =>
    report.callsBySecond.slice(from, to).reduce((sum, calls) => sum + calls, 0) / (to - from);
  // While it is there, 40 a second are left, and most of them are used.
  expect(callsASecond(comes + 2, goes)).toBeLessThan(50);
  expect(callsASecond(comes + 2, goes)).toBeGreaterThan(20);
  // Ten seconds after it has gone, the full rate is back.
  const last = report.callsBySecond.length - 1;
  expect(last).toBeGreaterThan(goes + 12);
  expect(callsASecond(goes + 10, last)).toBeGreaterThan(0.8 * quota);
  expect(report.answers['60007']).toBeGreaterThan(0);
  expect(report.overQuota / report.calls).toBeLessThan(0.15);
});

test('a run that is killed and started again at once does not pass the quota either', async () => {
  const simulation = await startSimulation(
    { users: 900, seed: 34, rate: 100, latency: [5, 20] },
    { apart: true },
  );
  const destination = await csvDestination();
  await using judge = await startQuotaJudge(simulation);
  const { args, env } = runAgainst(
    simulation,
    destination.to,
    ...['--rate', '100', ...marginFor(judge), '--chunk-size', '20'],
  );
  for (const chunk of [4, 9, 14]) {
    const run = startProgram(args, { env, via: BEFORE_OTHERS });
    await run.waitForLine(new RegExp(`chunk ${chunk} is committed`));
    run.kill('SIGKILL');
    await run.exit;
  }
  expect(await runProgram(args, { env, via: BEFORE_OTHERS })).toMatchObject({ code: 0 });
  // One that has finished, and a new one right behind it.
  expect(await runProgram([...args, '--limit', '150'], { env, via: BEFORE_OTHERS })).toMatchObject({
    code: 0,
  });
  const { fullestSecond, overQuota } = await judge.verdict();
  expect(fullestSecond).toBeLessThanOrEqual(100);
  expect(overQuota).toBe(0);
});

test('the summary counts rate-limit errors, and shows the margin that they left', async () => {
  // The quota is out of reach, so that only the planned errors occur.
  const simulation = await startSimulation(
    { users: 800, seed: 35, rate: 1_000, script: [{ fault: '60007', calls: [300, 300] }] },
    { apart: true },
  );
  const destination = await csvDestination();
  const { args, env } = runAgainst(simulation, destination.to, '--rate', '200', '--json');
  const { code, stdout } = await runProgram(args, { env });
  expect(code).toBe(0);
  const { calls, rate_limited_calls: limited, rate_margin_ms: margin } = JSON.parse(stdout).this_attempt;
  expect(calls).toBeGreaterThan(800);
  expect(limited).toBe(1);
  // One step of 3 ms up from 8 ms, and some steps of a quarter of a millisecond a second down.
  expect(margin).toBeGreaterThan(9);
  expect(margin).toBeLessThan(11);
});
