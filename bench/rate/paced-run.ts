import { mkdtemp } from 'node:fs/promises';
import { join } from 'node:path';
import type { Report } from '../../src/simulator/service/call-recorder.ts';
import { runProgram } from '../support/program.ts';
import { startSimulation, writeUsers } from '../support/simulation.ts';
import { wayWithJitter } from './way.ts';

export type PacedRun = {
  /** The quota, which the program gets, too. */
  readonly rate: number;
  /** `--rate-margin`; null is the program's default. */
  readonly marginMs: number | null;
  readonly jitterMs: number;
  readonly isBlocked: boolean;
  readonly seconds: number;
};

/** The use of the quota, as the simulator saw it. */
export type Kept = Report & { readonly used: number };

const OUT_OF_TIME = 7;
const STARTUP_SECONDS = 3;
// As many as the slowest answers need, and some to spare.
const SLOWEST_ANSWER_SECONDS = 0.3;

/** Exports for so many seconds, and lets the simulator count the arrivals. */
export async function pacedRun(directory: string, run: PacedRun): Promise<Kept> {
  const { rate, marginMs, jitterMs, isBlocked, seconds } = run;
  // Most users have more than one page, so these last to the end.
  const users = Math.ceil(rate * (seconds + STARTUP_SECONDS)) + 100;
  const list = await writeUsers(directory, users, 0.02);
  await using simulation = await startSimulation(directory, { users, rate, latency: [20, 200] });
  await using way = await wayWithJitter(simulation.url, jitterMs);
  const concurrency = Math.max(64, Math.ceil(rate * SLOWEST_ANSWER_SECONDS));
  const to = join(await mkdtemp(join(directory, 'rate-')), 'export');
  await runProgram(
    [
      ...[
        '--users',
        list,
        '--endpoint',
        way.url,
        '--rate',
        String(rate),
        '--concurrency',
        String(concurrency),
      ],
      ...['--max-duration', `${seconds}s`, '--quiet'],
      ...(marginMs === null ? [] : ['--rate-margin', String(marginMs)]),
    ],
    `csv:${to}`,
    [OUT_OF_TIME],
    {
      directory,
      ...(isBlocked
        ? { preload: { module: new URL('block-now-and-then.js', import.meta.url), env: {} } }
        : {}),
    },
  );
  const report = await simulation.report();
  if (report.wasTheLimit)
    throw new Error('the simulator was too busy for its judgement to count; leave it more of the machine');
  if (report.quotaUsed === null) throw new Error(`${report.seconds} s are too short to judge`);
  return { ...report, used: report.quotaUsed };
}
