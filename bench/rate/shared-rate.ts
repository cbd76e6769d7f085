import { setTimeout as sleep } from 'node:timers/promises';
import { startQuotaJudge } from '../../test/support/packets/quota-judge.ts';
import { prepareQuota, startWorker } from '../../test/support/shared-quota/workers.ts';
import type { Bench } from '../bench.ts';
import { inTurn } from '../in-turn.ts';
import { spreadOf } from '../statistics.ts';
import { type Server, startServer } from '../support/postgres.ts';
import { startSimulation } from '../support/simulation.ts';
import { judgeOf, type Kept } from './paced-run.ts';

const QUOTA = 200;
const WORKERS = 3;
const USED = 0.975;
const USED_ALONE = 0.98;
const USERS = 1_000;
// Processes start, and the pace begins lower.
const WARM_UP_SECONDS = 5;

export const sharedRate: Bench = {
  name: 'shared-rate',
  summary: 'the same when processes share the quota by leases from PostgreSQL',
  run: async ({ quick, directory, say }) => {
    await using server = await startServer(directory);
    const seconds = quick ? 8 : 60;
    const run = (workers: number, leased: boolean) => (): Promise<Kept> =>
      sharedRun({ server, directory, workers, leased, seconds });
    const { together } = await inTurn({ together: run(WORKERS, true) }, quick ? 1 : 5, say);
    const contenders = { alone: run(1, true), 'without leases': run(1, false) };
    const { alone, 'without leases': unshared } = await inTurn(contenders, quick ? 1 : 2, say);
    const detail = (kept: readonly Kept[]): string =>
      `${kept.map(({ calls }) => calls).join(', ')} calls, answered after 20 to 200 ms; ${judgeOf(kept)}`;
    const usedBy = (kept: readonly Kept[]): readonly number[] => kept.map(({ used }) => used);
    return {
      figures: [
        {
          what: `quota used, leased by ${WORKERS} processes`,
          against: `the quota of ${QUOTA} calls a second`,
          unit: 'share',
          value: spreadOf(usedBy(together)),
          reach: { least: USED },
          detail: detail(together),
        },
        {
          what: `calls in the fullest 1,000 ms, leased by ${WORKERS} processes`,
          against: `the quota of ${QUOTA} calls a second`,
          unit: 'count',
          value: spreadOf(together.map(({ fullestSecond }) => fullestSecond)),
          reach: { most: QUOTA },
          detail: judgeOf(together),
        },
        {
          what: 'calls of one process that leases',
          against: 'one process with a limiter of its own',
          unit: 'ratio',
          value: spreadOf(alone.map(({ used }, round) => used / (unshared[round]?.used ?? Number.NaN))),
          reach: { least: USED_ALONE },
          detail: `quota used: ${shares(usedBy(alone))} and ${shares(usedBy(unshared))} %`,
        },
      ],
      tables: [],
    };
  },
};

const shares = (used: readonly number[]): string => used.map((share) => (share * 100).toFixed(2)).join(', ');

type SharedRun = {
  readonly server: Server;
  readonly directory: string;
  readonly workers: number;
  readonly leased: boolean;
  readonly seconds: number;
};

/** Calls for so many seconds after the start, and counts the arrivals since then. */
async function sharedRun({ server, directory, workers: count, leased, seconds }: SharedRun): Promise<Kept> {
  const database = await server.createDatabase();
  await prepareQuota(database, 'shared');
  await using simulation = await startSimulation(directory, {
    users: USERS,
    rate: QUOTA,
    latency: [20, 200],
  });
  const input = { database, schema: 'shared', endpoint: simulation.url, users: USERS, rate: QUOTA, leased };
  const workers = Array.from({ length: count }, () =>
    startWorker({ ...input, margin: 'auto', concurrency: 64 }),
  );
  try {
    await sleep(WARM_UP_SECONDS * 1_000);
    await using judge = await startQuotaJudge(simulation);
    await simulation.reset();
    await sleep(seconds * 1_000);
    const [verdict, report] = [await judge.verdict(), await simulation.report()];
    if (report.wasTheLimit)
      throw new Error('the simulator was too busy for its judgement to count; leave it more of the machine');
    if (verdict.quotaUsed === null) throw new Error(`${verdict.seconds} s are too short to judge`);
    return {
      ...verdict,
      rate: QUOTA,
      used: verdict.quotaUsed,
      refused: report.overQuota,
      refusedBySecond: report.overQuotaBySecond,
    };
  } finally {
    for (const worker of workers) await worker[Symbol.asyncDispose]();
    await server.dropDatabase(database);
  }
}
