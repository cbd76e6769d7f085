import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'vitest';
import { differences, type TestDestination } from '../support/destinations.ts';
import { startProgram } from '../support/program.ts';
import { runAgainst, startSimulation } from '../support/simulation.ts';
import { committedCalls, expectOnlyOpenChunksCalled } from './committed-calls.ts';
import { dice } from './dice.ts';
import { historyIn } from './history-watch.ts';

const CHUNK = 10;
const MAX_OPEN_CHUNKS = 8;
const MAX_PAGES = 9;
// Kills fall anywhere in the life of an attempt. The time in which Node.js itself is loaded is left out.
const SHORTEST_LIFE_MS = 100;
const LONGEST_LIFE_MS = 4_000;

/**
 * Kills the runs of a job at random moments. Compares the rows with the expected ones after each finished run.
 * @returns the attempts killed, the days whose run finished, and the repeated calls
 */
export async function killAtRandom(
  destination: TestDestination,
  { kills, seed }: { readonly kills: number; readonly seed: number },
): Promise<{ readonly killed: number; readonly days: number; readonly repeated: number }> {
  const random = dice(seed);
  const simulation = await startSimulation({
    users: 300,
    seed,
    pageSize: 5,
    rate: 400,
    changed: 0.1,
    latency: [1, 10],
  });
  const { watch, options } = historyIn(destination);
  const { args, env } = runAgainst(
    simulation,
    destination.to,
    ...options,
    ...['--rate', '400', '--chunk-size', String(CHUNK), '--json'],
  );
  const calls = async (): Promise<number> => (await simulation.report()).calls;
  let [killed, day, killedToday, repeated, before] = [0, 1, 0, 0, 0];
  // Runs of this day. After a kill between the end of a run and the end of its process, the next attempt starts a second run.
  const runs = new Set<string>();
  for (;;) {
    const committed = killedToday === 0 ? null : await committedCalls(destination);
    const program = startProgram(args, { env });
    if (killed < kills) {
      const ended = new AbortController();
      const alarm = sleep(SHORTEST_LIFE_MS + random() * (LONGEST_LIFE_MS - SHORTEST_LIFE_MS), null, {
        signal: ended.signal,
      });
      await Promise.race([alarm, program.exit]).catch(() => {});
      ended.abort();
      await alarm.catch(() => {});
      program.kill('SIGKILL');
    }
    const { code, signal, stdout, stderr } = await program.exit;
    for (const [, run = ''] of stderr.matchAll(/ run (\d+) of job default (?:starts|resumes): /g))
      runs.add(run);
    if (signal === 'SIGKILL') {
      killed += 1;
      killedToday += 1;
      await watch?.afterKill(`seed ${seed}, kill ${killed}, day ${day}`);
      continue;
    }
    const replay = `seed ${seed}, after ${killed} kills, day ${day}; it said: ${stdout}${stderr}`;
    expect(code, replay).toBe(0);
    expectOnlyOpenChunksCalled(committed, { stdout }, replay);
    const expectedDir = await simulation.expectedDirOnDay(day);
    expect(await differences(expectedDir, destination), replay).toEqual({});
    await watch?.afterRun(expectedDir, replay);
    const { counts } = JSON.parse(stdout) as { counts: { calls: number } };
    const again = (await calls()) - before - runs.size * counts.calls;
    expect(again, replay).toBeGreaterThanOrEqual(0);
    expect(again, replay).toBeLessThanOrEqual(killedToday * MAX_OPEN_CHUNKS * CHUNK * MAX_PAGES);
    repeated += again;
    if (killed >= kills) return { killed, days: day, repeated };
    day += 1;
    killedToday = 0;
    runs.clear();
    await simulation.change({ day });
    before = await calls();
  }
}
