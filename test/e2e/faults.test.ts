import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parse } from 'csv-parse/sync';
import { beforeAll, expect, test } from 'vitest';
import { unexportedUsers } from '../../src/rows/tables.ts';
import { describeDestinations, differences } from '../support/destinations.ts';
import { runProgram } from '../support/program.ts';
import { runAgainst, type Simulation, startSimulation } from '../support/simulation.ts';

/** The simulator's names for the users of each reason. */
const kinds: Readonly<Record<string, string>> = {
  not_in_app: 'not_in_app',
  invalid_page: 'unreadable',
  pagination_error: 'endless',
  api_error: 'failed',
  transient_error: 'failed',
};

/** Users whom the simulator cannot return completely, with the reason and the code. */
async function trulyUnexported(directory: string): Promise<[userId: string, kind: string, code: string][]> {
  const records = parse(await readFile(join(directory, 'unexported_users.csv')), { columns: true }) as {
    user_id: string;
    kind: string;
    error_code: string;
  }[];
  return records
    .map(({ user_id, kind, error_code }) => [user_id, kind, error_code] as [string, string, string])
    .sort();
}

/** Users with items of an unknown Type, who are exported without those. */
async function usersWithUnknownTypes(directory: string): Promise<number> {
  const records = parse(await readFile(join(directory, 'odd_users.csv')), { columns: true }) as {
    why: string;
  }[];
  return records.filter(({ why }) => why === 'unknown_type').length;
}

/** Faults that hit any call, by code or, without one, by effect. */
const faults: Readonly<Record<string, number>> = {
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
};

const codesOfFaults = Object.keys(faults).filter((name) => /^\d+$/.test(name));

describeDestinations('1,000 users with every fault and oddity, to', (destinationOf) => {
  let simulation: Simulation;
  beforeAll(async () => {
    simulation = await startSimulation({
      users: 1_000,
      seed: 7,
      pageSize: 5,
      oddities: true,
      duplicates: 0.05,
      empty: 0.05,
      notImported: 0.02,
      failing: 0.01,
      endless: 0.01,
      unreadable: 0.03,
      unknownTypes: 0.05,
      rate: 2_000,
      latency: [1, 20],
      stallMs: null,
      faults,
    });
  });

  test('equals the expected rows and lists all other users with reason and code', async () => {
    const destination = await destinationOf();
    const { args, env } = runAgainst(
      simulation,
      destination.to,
      ...['--rate', '2000', '--timeout', '4s', '--max-attempts', '6', '--max-pages', '40', '--json'],
      ...['--unknown-items', 'skip'],
    );
    const run = await runProgram(args, { env });
    expect(run).toMatchObject({ code: 3 });
    expect(await differences(simulation.expectedDir, destination)).toEqual({});

    const listed = (await destination.rows(unexportedUsers)).map((row) => JSON.parse(row) as string[]);
    const expected = await trulyUnexported(simulation.expectedDir);
    expect(listed.map(([userId, , reason = '']) => [userId, kinds[reason]]).sort()).toEqual(
      expected.map(([userId, kind]) => [userId, kind]),
    );
    const codes = new Map(expected.map(([userId, , code]) => [userId, code]));
    for (const [userId = '', , reason, code] of listed) {
      // The last of six attempts may have met a fault that hits anybody instead.
      const alsoMet = reason === 'transient_error' ? [...codesOfFaults, ''] : [];
      expect([codes.get(userId), ...alsoMet], userId).toContain(code ?? '');
    }
    expect(new Set(listed.map(([, , reason]) => reason))).toEqual(new Set(Object.keys(kinds)));

    const summary = JSON.parse(run.stdout) as { counts: Record<string, number>; users: number };
    expect(summary.users).toBe(1_000);
    expect(summary.counts.exported).toBe(1_000 - expected.length);
    expect(summary.counts.skipped_items).toBeGreaterThanOrEqual(
      await usersWithUnknownTypes(simulation.expectedDir),
    );
    for (const oddity of ['unnamed_groups', 'replaced_texts', 'unknown_fields']) {
      expect(summary.counts[oddity]).toBeGreaterThan(0);
    }
    const report = await simulation.report();
    expect(report.overQuota).toBe(0);
  });
});
