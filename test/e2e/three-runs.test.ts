import pg from 'pg';
import { beforeAll, expect, test } from 'vitest';
import { conversations, exportedUsers, rowTables } from '../../src/rows/tables.ts';
import { runHere } from '../support/command-line.ts';
import { createDatabase } from '../support/database.ts';
import { csvRows, postgresRows } from '../support/rows.ts';
import { describeServers } from '../support/servers.ts';
import { runAgainst, type Simulation, startSimulation } from '../support/simulation.ts';

const userOf = (row: string): string => String((JSON.parse(row) as unknown[])[0]);
const only = (rows: readonly string[], users: ReadonlySet<string>): string[] =>
  rows.filter((row) => users.has(userOf(row)));

describeServers('three runs, the second with changed data and failing users,', (server) => {
  let simulation: Simulation;
  let url: string;
  let client: pg.Client;

  /** How often rows of the row tables and of exported_users were inserted, updated and deleted so far. */
  const writes = async (): Promise<Record<string, unknown>[]> => {
    await client.query('select pg_stat_force_next_flush()');
    await client.query('select pg_stat_clear_snapshot()');
    const { rows } = await client.query(
      `select relname, n_tup_ins, n_tup_upd, n_tup_del from pg_stat_user_tables
       where schemaname = 'chat_export' and relname = any($1) order by relname`,
      [[...rowTables, exportedUsers].map((table) => table.name)],
    );
    return rows;
  };
  const run = async (): Promise<{ code: number | null; counts: Record<string, number> }> => {
    const { args, env } = runAgainst(simulation, url, '--rate', '1000', '--json', '--max-attempts', '3');
    const { code, stdout } = await runHere(args, { env });
    return { code, counts: (JSON.parse(stdout) as { counts: Record<string, number> }).counts };
  };

  beforeAll(async () => {
    simulation = await startSimulation({
      users: 800,
      seed: 21,
      rate: 1_000,
      changed: 0.2,
      failingFromDay2: 0.03,
      notImportedFromDay2: 0.02,
    });
    ({ url } = await createDatabase({ server }));
    client = new pg.Client({ connectionString: url });
    await client.connect();
    return () => client.end();
  });

  test('the first run stores the expected rows', async () => {
    expect(await run()).toMatchObject({ code: 0 });
    for (const table of [...rowTables, exportedUsers]) {
      expect(await postgresRows(url, table)).toEqual(await csvRows(simulation.expectedDir, table));
    }
  });

  test('the second run stores what changed and removes what is gone; failed users keep the rows of the first', async () => {
    await simulation.change({ day: 2 });
    const { code, counts } = await run();
    expect(code).toBe(3);
    expect(counts.failed).toBeGreaterThan(5);
    expect(counts.not_in_app).toBeGreaterThan(5);
    expect(counts.rows_written).toBeGreaterThan(0);
    expect(counts.rows_removed).toBeGreaterThan(0);

    const expectedDir = await simulation.expectedDirOnDay(2);
    const exported = new Set((await csvRows(expectedDir, exportedUsers)).map(userOf));
    const everyone = new Set((await csvRows(simulation.expectedDir, exportedUsers)).map(userOf));
    const kept = new Set([...everyone].filter((user) => !exported.has(user)));
    expect(kept.size).toBe((counts.failed ?? 0) + (counts.not_in_app ?? 0));
    for (const table of [...rowTables, exportedUsers]) {
      const rows = await postgresRows(url, table);
      expect(only(rows, exported)).toEqual(await csvRows(expectedDir, table));
      expect(only(rows, kept)).toEqual(only(await csvRows(simulation.expectedDir, table), kept));
    }
    expect(only(await postgresRows(url, conversations), kept).length).toBeGreaterThan(0);

    const stale = await client.query('select user_id from chat_export.stale_users where has_rows');
    expect(new Set(stale.rows.map((row) => row.user_id))).toEqual(kept);
  });

  test('the third run, unchanged, writes no row', async () => {
    const before = await writes();
    expect(before).toHaveLength(4);
    const { code, counts } = await run();
    expect(code).toBe(3);
    expect(counts).toMatchObject({ rows_written: 0, rows_removed: 0, unchanged: counts.exported });
    expect(await writes()).toEqual(before);
  });
});
