import { expect, test } from 'vitest';
import { readPlace } from '../../src/config/read-destination-ref.ts';
import type { Timeline } from '../../src/destinations/contract/timeline.ts';
import { openArchive } from '../../src/destinations/open/open-archive.ts';
import { runHere } from '../support/command-line.ts';
import { describeKinds } from '../support/destinations.ts';
import { startProgram } from '../support/program.ts';
import { runAgainst, startSimulation } from '../support/simulation.ts';

/** The timelines of run 1 of a destination; nothing if there is no such run yet. */
async function timelinesIn(to: string): Promise<readonly Timeline[]> {
  const place = await readPlace({
    flags: {},
    env: { CHAT_EXPORT_TO: to },
    file: undefined,
    cwd: process.cwd(),
  });
  await using archive = await openArchive(place);
  const run = await archive.find(1);
  return run === null ? [] : await archive.timelines(run);
}

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);
const calls = ({ buckets }: Timeline): number => sum(buckets.map((bucket) => bucket.calls));

describeKinds('what the attempts of a run saw is kept in', (destinationOf) => {
  test('also of a killed attempt, and beside that of the attempt that resumed', async () => {
    const simulation = await startSimulation({ users: 250, rate: 1_000, faults: { '50004': 0.05 } });
    const { to, options = [] } = await destinationOf();
    const { args, env } = runAgainst(simulation, to, ...options, '--chunk-size', '10');
    const killed = startProgram([...args, '--rate', '60'], { env });
    await killed.waitForLine(/chunk \d+ is committed/);
    await expect.poll(() => timelinesIn(to), { timeout: 30_000 }).toHaveLength(1);
    killed.kill('SIGKILL');
    await killed.exit;
    const { calls: callsOfKilled } = await simulation.report();

    const { code, stdout, stderr } = await runHere([...args, '--rate', '500', '--json'], { env });
    expect(code, stderr).toBe(0);
    const timelines = await timelinesIn(to);
    expect(timelines.map(({ quota }) => quota)).toEqual([60, 500]);
    const [first, second] = timelines;
    if (first === undefined || second === undefined) throw new Error('two attempts were expected');
    expect(calls(first)).toBeGreaterThan(60);
    expect(calls(first)).toBeLessThanOrEqual(callsOfKilled);
    const { this_attempt: start } = JSON.parse(stdout);
    expect(calls(second)).toBe(start.calls);
    expect((await simulation.report()).calls).toBe(callsOfKilled + calls(second));
    const failed = second.buckets.flatMap(({ errors }) => Object.entries(errors));
    expect(sum(failed.map(([, count]) => count))).toBe(start.failed_calls);
    expect(failed.every(([code]) => code === '50004')).toBe(true);
    expect(sum(second.buckets.flatMap(({ latencies }) => latencies))).toBe(start.calls);
    for (const { buckets, seconds } of timelines)
      expect(sum(buckets.flatMap(({ waits }) => Object.values(waits)))).toBe(Math.round(seconds * 1000));
    expect(Date.parse(second.startedAt)).toBeGreaterThan(Date.parse(first.startedAt));
    expect(second.seconds).toBeGreaterThan(0);
    expect(second.seconds).toBeLessThan(start.seconds + 0.1);
  });
});
