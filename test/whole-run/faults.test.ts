import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parse } from 'csv-parse/sync';
import { beforeAll, describe, expect, test } from 'vitest';
import { unexportedUsers } from '../../src/tables/tables.ts';
import { csvDestination, differences, postgresDestination } from '../ground/destinations.ts';
import { runProgram } from '../ground/program.ts';
import { runAgainst, type Simulation, startSimulation } from '../ground/simulation.ts';

/** Users whom the simulator cannot give whole, with the code they meet. */
async function trulyUnexported(truth: string): Promise<[userId: string, code: string][]> {
  const records = parse(await readFile(join(truth, 'unexported_users.csv')), { columns: true }) as {
    user_id: string;
    error_code: string;
  }[];
  return records.map((record) => [record.user_id, record.error_code] as [string, string]).sort();
}

describe.each([
  ['csv', csvDestination],
  ['postgres', postgresDestination],
])('2,000 users with every fault, to %s', (_, destinationOf) => {
  let simulation: Simulation;
  beforeAll(async () => {
    simulation = await startSimulation({
      users: 2_000,
      seed: 7,
      oddities: true,
      duplicates: 0.05,
      empty: 0.05,
      notImported: 0.02,
      failing: 0.01,
      endless: 0.01,
      rate: 2_000,
      latency: [1, 20],
      stallMs: null,
      faults: {
        '50004': 0.01,
        '50005': 0.01,
        '60008': 0.002,
        '60007': 0.002,
        '60011': 0.001,
        '70169': 0.002,
        '70500': 0.002,
        http502: 0.003,
        reset: 0.003,
        cut: 0.003,
        garbage: 0.001,
        truncatedJson: 0.001,
        oversized: 0.0005,
        stall: 0.001,
      },
    });
  });

  test('equals the truth row for row and lists everybody else with reason and code', async () => {
    const destination = await destinationOf();
    const { args, env } = runAgainst(
      simulation,
      destination.to,
      ...['--rate', '2000', '--timeout', '4s', '--max-attempts', '6', '--max-pages', '40', '--json'],
    );
    const run = await runProgram(args, { env });
    expect(run).toMatchObject({ code: 3 });
    expect(await differences(simulation.truth, destination)).toEqual({});

    const listed = (await destination.rows(unexportedUsers)).map((row) => JSON.parse(row) as string[]);
    const expected = await trulyUnexported(simulation.truth);
    expect(listed.map(([userId, , , code]) => [userId, code ?? '']).sort()).toEqual(expected);
    expect(new Set(listed.map(([, , reason]) => reason))).toEqual(
      new Set(['not_in_app', 'paging_broken', 'refused_by_api', 'transient_error']),
    );

    const summary = JSON.parse(run.stdout) as { counts: Record<string, number>; users: number };
    expect(summary.users).toBe(2_000);
    expect(summary.counts.exported).toBe(2_000 - expected.length);
    const report = await simulation.report();
    expect(report.overQuota).toBe(0);
  });
});
