import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { describe, expect, test } from 'vitest';
import { differences, postgresDestination } from '../support/destinations.ts';
import { hasPgBoss } from '../support/pg-boss.ts';
import { type Program, startProgram } from '../support/program.ts';
import { runAgainst, startSimulation } from '../support/simulation.ts';

// `npm run test:crash -- --share --takeovers 20` sets it.
const rounds = Number(process.env.CRASH_TAKEOVERS ?? 1);
const LOOK_EVERY_MS = 50;

type Claim = { readonly id: string; readonly count: number; readonly isActive: boolean };

/** A worker that loses its chunks by a signal, and when others have claimed all of them again, ms after it. */
async function timeToTakeOver(signal: 'SIGKILL' | 'SIGSTOP', seed: number): Promise<number> {
  const simulation = await startSimulation({
    users: 1_500,
    seed,
    rate: 10_000,
    pageSize: 1_000,
    latency: [20, 60],
  });
  const destination = await postgresDestination();
  const client = new pg.Client({ connectionString: destination.to });
  await client.connect();
  const claims = async (): Promise<Map<string, Claim>> => {
    const { rows } = await client.query<Claim>(
      `select id::text, retry_count as count, state = 'active' as "isActive" from chat_export_jobs.job where state <= 'active'`,
    );
    return new Map(rows.map((claim) => [claim.id, claim]));
  };
  const worker = (): Program => {
    const { args, env } = runAgainst(
      simulation,
      destination.to,
      // Others claim as fast as they pull: at a low rate, this would be measured.
      ...['--share', '--chunk-size', '10', '--rate', '60'],
    );
    return startProgram(args, { env });
  };
  const workers = [worker(), worker(), worker()];
  try {
    await Promise.all(workers.map((one) => one.waitForLine(/chunk \d+ is committed/)));
    // At any moment of its heartbeat.
    await sleep((seed % 20) * 150);
    const [lost, ...others] = workers as [Program, ...Program[]];
    lost.kill(signal);
    const since = performance.now();
    const before = [...(await claims()).values()].filter(({ isActive }) => isActive);
    // Those of the living end under the claim that they have; those of the dead are claimed a second time.
    let again = 0;
    const open = new Map(before.map((claim) => [claim.id, claim]));
    while (open.size > 0) {
      const now = await claims();
      for (const [id, { count }] of open) {
        const claim = now.get(id);
        if (claim !== undefined && claim.count > count && claim.isActive) again = performance.now() - since;
        if (claim === undefined || (claim.count > count && claim.isActive)) open.delete(id);
      }
      await sleep(LOOK_EVERY_MS);
    }
    for (const { exit } of others) expect((await exit).code).toBe(0);
    lost.kill('SIGCONT');
    await lost.exit;
    expect(await differences(simulation.expectedDir, destination)).toEqual({});
    return again;
  } finally {
    await client.end();
  }
}

describe.skipIf(!hasPgBoss())('the chunks of a worker (needs pg-boss: see CONTRIBUTING.md)', () => {
  test.each([
    ['killed', 'SIGKILL'],
    ['frozen', 'SIGSTOP'],
  ] as const)(
    'that is %s are claimed again by the others',
    { timeout: rounds * 120_000 + 60_000 },
    async (how, signal) => {
      const times: number[] = [];
      for (let round = 1; round <= rounds; round += 1) times.push(await timeToTakeOver(signal, round));
      const sorted = times.toSorted((a, b) => a - b);
      const [median, worst] = [sorted[Math.floor(sorted.length / 2)], sorted.at(-1)].map((ms = 0) =>
        (ms / 1000).toFixed(1),
      );
      process.stdout.write(
        `${how}: claimed again after ${median} s (median), ${worst} s (worst) of ${rounds}\n`,
      );
      expect(sorted[0]).toBeGreaterThan(0);
    },
  );
});
