import { mkdtemp } from 'node:fs/promises';
import { join } from 'node:path';
import { startQuotaJudge, type Verdict } from '../../test/support/packets/quota-judge.ts';
import { runProgram } from '../support/program.ts';
import { startSimulation, writeUsers } from '../support/simulation.ts';
import type { JitterPhase } from './relay.ts';
import { wayWithJitter } from './way.ts';

export type Margin = number | 'auto';

export type PacedRun = {
  /** The quota, which the program gets, too. */
  readonly rate: number;
  /** `--rate-margin`, ms or `auto`; null is the program's default. */
  readonly margin: Margin | null;
  readonly jitter: readonly JitterPhase[];
  readonly isBlocked: boolean;
  readonly seconds: number;
};

/** The use of the quota. */
export type Kept = Verdict & {
  readonly rate: number;
  /** The share of it that was used, but for the first and the last second. */
  readonly used: number;
  /** Calls that the simulator refused, by the instants at which it got to them, so the two judges may differ. */
  readonly refused: number;
  /** The same in each second since the first call, up to the last one with any. */
  readonly refusedBySecond: readonly number[];
};

const OUT_OF_TIME = 7;
const STARTUP_SECONDS = 3;
// As many as the slowest answers need, and some to spare.
const SLOWEST_ANSWER_SECONDS = 0.3;

/** Exports for so many seconds, and counts the arrivals. */
export async function pacedRun(directory: string, run: PacedRun): Promise<Kept> {
  const { rate, margin, jitter, isBlocked, seconds } = run;
  // Most users have more than one page, so these last to the end.
  const users = Math.ceil(rate * (seconds + STARTUP_SECONDS)) + 100;
  const list = await writeUsers(directory, users, 0.02);
  await using simulation = await startSimulation(directory, { users, rate, latency: [20, 200] });
  await using way = await wayWithJitter(simulation.url, jitter);
  await using judge = await startQuotaJudge(simulation);
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
      ...(margin === null ? [] : ['--rate-margin', String(margin)]),
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
  const verdict = await judge.verdict();
  if (verdict.calls !== report.calls) {
    throw new Error(`${verdict.calls} packets carried requests, and the simulator saw ${report.calls}`);
  }
  if (report.wasTheLimit)
    throw new Error('the simulator was too busy for its judgement to count; leave it more of the machine');
  if (verdict.quotaUsed === null) throw new Error(`${verdict.seconds} s are too short to judge`);
  return {
    ...verdict,
    rate,
    used: verdict.quotaUsed,
    refused: report.overQuota,
    refusedBySecond: report.overQuotaBySecond,
  };
}

const JUDGES = {
  kernel: "judged by the kernel's time stamps of packets",
  simulator: 'judged by the simulator, when it gets to a call',
} as const;

/** Who judged some runs, in words. */
export const judgeOf = (runs: readonly Kept[]): string =>
  [...new Set(runs.map(({ judge }) => JUDGES[judge]))].join(' or ');
