import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'vitest';
import type { TestDestination } from '../support/destinations.ts';
import { temporaryDirectory } from '../support/directory.ts';
import { runProgram } from '../support/program.ts';
import { runAgainst, startSimulation } from '../support/simulation.ts';

const preload = new URL('tell-peak.js', import.meta.url).href;
const TIMES_IN_LIST = 3;
const STUBBORN_SHARE = 0.005;

/** The result of a run of so many users. */
export type Figures = {
  readonly users: number;
  /** The most memory that the program ever had resident, MiB. */
  readonly peak: number;
  readonly calls: number;
  readonly seconds: number;
};

/**
 * Runs an export of so many users as fast as the machine allows, and watches its memory. Each user is in the list three
 * times, far apart; every 200th fails `refusals` times before the first answer comes.
 */
export async function peakMemory(
  destination: TestDestination,
  { users, refusals }: { readonly users: number; readonly refusals: number },
): Promise<Figures> {
  const step = 1 / STUBBORN_SHARE;
  const script = Array.from({ length: Math.floor(users * STUBBORN_SHARE) }, (_, i) => ({
    fault: '50004' as const,
    user: `user${String(i * step).padStart(7, '0')}`,
    times: refusals,
  }));
  // One page a user, mostly: it is users that are to be many.
  const simulation = await startSimulation({ users, rate: 10_000, pageSize: 100, oddUserIds: 0, script });
  const directory = await temporaryDirectory();
  const [list, reported] = [join(directory, 'users.txt'), join(directory, 'peak')];
  await writeFile(list, (await readFile(simulation.users, 'utf8')).repeat(TIMES_IN_LIST));
  const { args, env } = runAgainst(
    { ...simulation, users: list },
    destination.to,
    ...['--rate', '10000', '--max-attempts', String(refusals + 1), '--json', '--quiet'],
  );
  const began = performance.now();
  const { code, stdout, stderr } = await runProgram(args, {
    env: { ...env, NODE_OPTIONS: `--import=${preload}`, PEAK_MEMORY_FILE: reported },
  });
  const seconds = Math.round((performance.now() - began) / 100) / 10;
  expect(code, stderr).toBe(0);
  const { counts, duplicates } = JSON.parse(stdout) as {
    counts: { exported: number; calls: number; errors: Record<string, number> };
    duplicates: number;
  };
  expect(counts.exported).toBe(users);
  expect(duplicates).toBe((TIMES_IN_LIST - 1) * users);
  expect(counts.errors['50004'] ?? 0).toBe(script.length * refusals);
  const peak = Math.round(Number(await readFile(reported, 'utf8')) / 1024);
  return { users, peak, calls: counts.calls, seconds };
}
