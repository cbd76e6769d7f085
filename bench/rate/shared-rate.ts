import { setTimeout as sleep } from 'node:timers/promises';
import { startQuotaJudge } from '../../test/support/packets/quota-judge.ts';
import { prepareQuota, startWorker } from '../../test/support/shared-quota/workers.ts';
import type { Bench } from '../bench.ts';
import { inTurn } from '../in-turn.ts';
import { spreadOf } from '../statistics.ts';
import { type Server, startServer } from '../support/postgres.ts';
import { startSimulation } from '../support/simulation.ts';
import { shownMargin } from './margins.ts';
import { judgeOf, type Kept, type Margin } from './paced-run.ts';

const QUOTA = 200;
const WORKERS = 3;
const MARGINS: readonly Margin[] = [10, 12, 14, 16, 20, 24];
const AUTO: Margin = 'auto';
const USED = 0.975;
const USERS = 1_000;
// Processes start, and the pace begins lower.
const WARM_UP_SECONDS = 5;

export const sharedRate: Bench = {
  name: 'shared-rate',
  summary: 'the same when three processes share the quota by leases from PostgreSQL, by margin',
  run: async ({ quick, directory, say }) => {
    await using server = await startServer(directory);
    const seconds = quick ? 8 : 60;
    const margins = quick ? [14, AUTO] : [...MARGINS, AUTO];
    const runs = await inTurn(
      Object.fromEntries(
        margins.map((margin) => [
          shownMargin(margin),
          () => sharedRun({ server, directory, margin, workers: WORKERS, seconds }),
        ]),
      ),
      quick ? 1 : 2,
      say,
    );
    const alone = { alone: () => sharedRun({ server, directory, margin: AUTO, workers: 1, seconds }) };
    const one = (await inTurn(alone, quick ? 1 : 2, say)).alone;
    const of = (margin: Margin): readonly Kept[] => runs[shownMargin(margin)] ?? [];
    const each = (kept: readonly Kept[], value: (run: Kept) => number): string => kept.map(value).join(', ');
    return {
      figures: [
        { what: `${WORKERS} processes`, kept: of(AUTO) },
        { what: 'one process alone', kept: one },
      ].flatMap(({ what, kept }) => [
        {
          what: `quota used, leased by ${what}, margin auto`,
          against: `the quota of ${QUOTA} calls a second`,
          unit: 'share' as const,
          value: spreadOf(kept.map(({ used }) => used)),
          reach: { least: USED },
          detail: `${each(kept, ({ calls }) => calls)} calls, answered after 20 to 200 ms; ${judgeOf(kept)}`,
        },
        {
          what: `calls in the fullest 1,000 ms, leased by ${what}, margin auto`,
          against: `the quota of ${QUOTA} calls a second`,
          unit: 'count' as const,
          value: spreadOf(kept.map(({ fullestSecond }) => fullestSecond)),
          reach: { most: QUOTA },
          detail: judgeOf(kept),
        },
      ]),
      tables: [
        {
          title: `Quota of ${QUOTA}, shared by ${WORKERS} processes, by margin: what is used, and the fullest second`,
          columns: ['margin', 'used, %', 'fullest second', 'over the quota'],
          rows: margins.map((margin) => [
            shownMargin(margin),
            of(margin)
              .map(({ used }) => (used * 100).toFixed(2))
              .join(', '),
            each(of(margin), ({ fullestSecond }) => fullestSecond),
            each(of(margin), ({ overQuota }) => overQuota),
          ]),
        },
      ],
    };
  },
};

type SharedRun = {
  readonly server: Server;
  readonly directory: string;
  readonly margin: Margin;
  readonly workers: number;
  readonly seconds: number;
};

/** Calls for so many seconds after the start, and counts the arrivals since then. */
async function sharedRun({ server, directory, margin, workers: count, seconds }: SharedRun): Promise<Kept> {
  const database = await server.createDatabase();
  await prepareQuota(database, 'shared');
  await using simulation = await startSimulation(directory, {
    users: USERS,
    rate: QUOTA,
    latency: [20, 200],
  });
  const input = { database, schema: 'shared', endpoint: simulation.url, users: USERS, rate: QUOTA, margin };
  const workers = Array.from({ length: count }, () => startWorker({ ...input, concurrency: 64 }));
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
