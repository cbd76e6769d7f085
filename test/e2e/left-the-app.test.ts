import { describe, expect, test } from 'vitest';
import { exportedUsers, rowTables, unexportedUsers } from '../../src/rows/tables.ts';
import { runHere } from '../support/command-line.ts';
import { csvDestination, postgresDestination, type TestDestination } from '../support/destinations.ts';
import { csvRows } from '../support/rows.ts';
import { runAgainst, type Simulation, startSimulation } from '../support/simulation.ts';

const userOf = (row: string): string => String((JSON.parse(row) as unknown[])[0]);
const users = async (destination: TestDestination): Promise<Set<string>> =>
  new Set((await destination.rows(exportedUsers)).map(userOf));

/** Two runs; before the second, some users leave the app. @returns those users */
async function twoRuns(
  destination: TestDestination,
  ...more: readonly string[]
): Promise<{ readonly simulation: Simulation; readonly left: ReadonlySet<string> }> {
  const simulation = await startSimulation({
    users: 300,
    seed: 51,
    rate: 1_000,
    changed: 0,
    notImportedFromDay2: 0.025,
  });
  const { args, env } = runAgainst(simulation, destination.to, '--rate', '900', '--json', ...more);
  expect(await runHere(args, { env })).toMatchObject({ code: 0 });
  expect((await users(destination)).size).toBe(300);
  await simulation.change({ day: 2 });
  const second = await runHere(args, { env });
  expect(second).toMatchObject({ code: 0 });

  const there = new Set((await csvRows(await simulation.expectedDirOnDay(2), exportedUsers)).map(userOf));
  const listed = (await destination.rows(unexportedUsers)).map((row) => JSON.parse(row) as unknown[]);
  expect(new Set(listed.map(([, , reason]) => reason))).toEqual(new Set(['not_in_app']));
  const left = new Set(listed.map(([user]) => String(user)));
  expect(left.size).toBe(300 - there.size);
  expect(left.size).toBeGreaterThan(5);
  expect(JSON.parse(second.stdout)).toMatchObject({ counts: { not_in_app: left.size, failed: 0 } });
  return { simulation, left };
}

describe('a run with users who left the app ends with 0 and lists them, and', () => {
  test('their rows of earlier runs are kept by default', async () => {
    const destination = await postgresDestination();
    const { simulation } = await twoRuns(destination);
    for (const table of [...rowTables, exportedUsers]) {
      expect(await destination.rows(table)).toEqual(await csvRows(simulation.expectedDir, table));
    }
  });

  test('only their rows are removed with --not-in-app remove', async () => {
    const destination = await postgresDestination();
    const { simulation, left } = await twoRuns(destination, '--not-in-app', 'remove');
    for (const table of [...rowTables, exportedUsers]) {
      const before = await csvRows(simulation.expectedDir, table);
      expect(await destination.rows(table)).toEqual(before.filter((row) => !left.has(userOf(row))));
    }
  });

  test('they are not in the files, which are a snapshot of the run', async () => {
    const destination = await csvDestination();
    const { simulation, left } = await twoRuns(destination);
    const before = await csvRows(simulation.expectedDir, exportedUsers);
    expect(await destination.rows(exportedUsers)).toEqual(before.filter((row) => !left.has(userOf(row))));
  });
});
