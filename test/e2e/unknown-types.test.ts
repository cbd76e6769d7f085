import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parse } from 'csv-parse/sync';
import { expect, test } from 'vitest';
import { conversations, exportedUsers, unexportedUsers } from '../../src/rows/tables.ts';
import { runHere } from '../support/command-line.ts';
import { csvDestination, differences } from '../support/destinations.ts';
import { csvRows } from '../support/rows.ts';
import { runAgainst, startSimulation } from '../support/simulation.ts';

const userOf = (row: string): string => String((JSON.parse(row) as unknown[])[0]);

test('users with items of an unknown Type fail, by name of it, or are exported without those when asked', async () => {
  const simulation = await startSimulation({ users: 300, seed: 51, rate: 2_000, unknownTypes: 0.1 });
  const records = parse(await readFile(join(simulation.expectedDir, 'odd_users.csv')), { columns: true });
  const odd = (records as { user_id: string }[]).map(({ user_id }) => user_id).sort();
  expect(odd.length).toBeGreaterThan(15);

  const destination = await csvDestination();
  const { args, env } = runAgainst(simulation, destination.to, '--rate', '2000');
  expect(await runHere(args, { env })).toMatchObject({ code: 3 });
  const listed = await destination.rows(unexportedUsers);
  expect(listed.map(userOf)).toEqual(odd);
  for (const row of listed)
    expect(row).toMatch(/"invalid_page",null,"an item has Type .*, neither 1 .* nor 2/);
  for (const table of [conversations, exportedUsers]) {
    const others = (await csvRows(simulation.expectedDir, table)).filter((row) => !odd.includes(userOf(row)));
    expect(await destination.rows(table)).toEqual(others);
  }

  expect(await runHere([...args, '--unknown-items', 'skip'], { env })).toMatchObject({ code: 0 });
  expect(await differences(simulation.expectedDir, destination)).toEqual({});
});
