import { expect, test } from 'vitest';
import { type CrashPoint, crashPoints } from '../../src/destinations/contract/crash-points.ts';
import { describeKinds, differences } from '../support/destinations.ts';
import { runProgram } from '../support/program.ts';
import { runAgainst, startSimulation } from '../support/simulation.ts';
import { committedCalls, expectOnlyOpenChunksCalled } from './committed-calls.ts';
import { historyIn } from './history-watch.ts';

const CHUNK = 10;
const MAX_OPEN_CHUNKS = 8;
const MAX_PAGES = 9;
const preload = new URL('signal-at-step.js', import.meta.url).href;

/** Steps at which a run is over: the next attempt begins another one. */
const over: readonly CrashPoint[] = ['finished', 'tidied-up'];
/** Steps that not every destination has, and the schemes of those that do. */
const onlyIn: Partial<Record<CrashPoint, readonly string[]>> = {
  'table-made': ['parquet'],
  'file-placed': ['csv', 'parquet'],
};
/** Where the step of a chunk or a table is met a third time, so that there are others before and after it. */
const thirdTime = (step: CrashPoint): string =>
  step.startsWith('chunk-') || step === 'table-made' || step === 'file-placed' ? `${step}#3` : step;

describeKinds('a run that is killed at each of its steps, one after the other, into', (destinationOf) => {
  test('resumes to the expected rows, writes nothing twice, and calls again only for the open chunks', async () => {
    const late = Array.from({ length: 12 }, (_, i) => `user00000${String(10 + 9 * i).padStart(2, '0')}`);
    const simulation = await startSimulation({
      users: 120,
      seed: 31,
      pageSize: 5,
      rate: 5_000,
      oddUserIds: 0,
      // So many that every chunk has some: rows of a chunk that are lost are missed.
      changed: 0.5,
    });
    const destination = await destinationOf();
    const { watch, options } = historyIn(destination);
    const { args, env } = runAgainst(
      simulation,
      destination.to,
      ...options,
      ...['--rate', '5000', '--chunk-size', String(CHUNK), '--max-attempts', '1', '--json'],
    );
    const killedAt = async (step: CrashPoint): Promise<void> => {
      const killed = { NODE_OPTIONS: `--import=${preload}`, AT_STEP: thirdTime(step) };
      const { signal, stdout, stderr } = await runProgram(args, { env: { ...env, ...killed } });
      expect(signal, `killed at ${step}; it said: ${stdout}${stderr}`).toBe('SIGKILL');
      await watch?.afterKill(`killed at ${step}`);
    };
    const calls = async (): Promise<number> => (await simulation.report()).calls;

    // The rows of an earlier run give something to replace and to remove.
    await killedAt('chunk-committed');
    expect(await runProgram(args, { env })).toMatchObject({ code: 0 });
    await watch?.afterRun(simulation.expectedDir, 'the first run');
    const script = late.map((user) => ({ fault: '50004' as const, user, times: 1 }));
    await simulation.change({ day: 2, script });
    const before = await calls();
    const scheme = destination.to.slice(0, destination.to.indexOf(':'));
    const met = crashPoints.filter(
      (step) => !over.includes(step) && (onlyIn[step]?.includes(scheme) ?? true),
    );
    for (const step of met) await killedAt(step);
    const committed = await committedCalls(destination);
    const last = await runProgram(args, { env });
    expect(last).toMatchObject({ code: 0 });
    expectOnlyOpenChunksCalled(committed, last, last.stderr);
    expect(last.stderr).toMatch(/run \d of job default resumes/);
    const { counts } = JSON.parse(last.stdout) as { counts: Record<string, number> };
    const expectedDir = await simulation.expectedDirOnDay(2);
    expect(await differences(expectedDir, destination)).toEqual({});
    await watch?.afterRun(expectedDir, 'the second run');
    const repeated = (await calls()) - before - (counts.calls ?? 0);
    expect(repeated).toBeLessThanOrEqual(met.length * MAX_OPEN_CHUNKS * CHUNK * MAX_PAGES);

    for (const step of over) {
      await killedAt(step);
      expect(await differences(expectedDir, destination)).toEqual({});
    }
    expect(await runProgram(args, { env })).toMatchObject({ code: 0 });
    expect(await differences(expectedDir, destination)).toEqual({});
    await watch?.afterRun(expectedDir, 'a run without changes');
  });
});
