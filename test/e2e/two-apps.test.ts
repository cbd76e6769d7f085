import pg from 'pg';
import { expect, test } from 'vitest';
import { exportedUsers, rowTables } from '../../src/rows/tables.ts';
import { runHere } from '../support/command-line.ts';
import { createDatabase } from '../support/database.ts';
import { csvRows, postgresRows } from '../support/rows.ts';
import { describeServers } from '../support/servers.ts';
import { SECRET_KEY, type Simulation, startSimulation } from '../support/simulation.ts';

const [FIRST, SECOND] = [1400000000, 1400000555];
const TABLES = [...rowTables, exportedUsers];

describeServers('two apps with the same users in one schema', (server) => {
  test('do not touch each other, also when one of them is emptied', async () => {
    const { url, drop } = await createDatabase({ server });
    const list = { users: 120, seed: 17, rate: 1_000 };
    const first = await startSimulation({ ...list, sdkAppId: FIRST });
    const second = await startSimulation({ ...list, sdkAppId: SECOND, conversations: 12 });
    const emptied = await startSimulation({ ...list, sdkAppId: SECOND, empty: 1 });
    const run = async ({ users, url: endpoint }: Simulation, sdkAppId: number, ...more: string[]) => {
      const args = ['run', '--users', users, '--endpoint', endpoint, '--sdk-app-id', String(sdkAppId)];
      const env = { CHAT_EXPORT_TO: url, CHAT_EXPORT_SECRET_KEY: SECRET_KEY };
      const { code, stdout } = await runHere([...args, '--rate', '1000', '--json', ...more], { env });
      expect(code).toBe(0);
      return (JSON.parse(stdout) as { counts: Record<string, number> }).counts;
    };
    const client = new pg.Client({ connectionString: url });
    await client.connect();
    /** Rows of the first app in their places: one that was written again is another one here. */
    const places = async () => {
      const found: unknown[] = [];
      for (const { name } of TABLES) {
        const rows = `select ctid, xmin::text, user_id from chat_export.${name} where sdk_app_id = $1 order by 1`;
        found.push((await client.query(rows, [FIRST])).rows);
      }
      return found;
    };

    // At the same time: they share the schema, not a lock.
    await Promise.all([run(first, FIRST), run(second, SECOND)]);
    for (const table of TABLES) {
      expect(await postgresRows(url, table, { sdkAppId: FIRST })).toEqual(
        await csvRows(first.expectedDir, table),
      );
      expect(await postgresRows(url, table, { sdkAppId: SECOND })).toEqual(
        await csvRows(second.expectedDir, table),
      );
    }
    const before = await places();

    const counts = await run(emptied, SECOND, '--keep-runs', '1', '--allow-mass-deletion');
    expect(counts).toMatchObject({ exported: 120, conversations: 0, rows_written: 0 });
    expect(counts.rows_removed).toBeGreaterThan(120);
    expect(await places()).toEqual(before);
    for (const table of rowTables) expect(await postgresRows(url, table, { sdkAppId: SECOND })).toEqual([]);
    expect(await postgresRows(url, exportedUsers, { sdkAppId: SECOND })).toHaveLength(120);
    const runs = await client.query('select sdk_app_id::int from chat_export.runs order by 1');
    expect(runs.rows.map((row) => row.sdk_app_id)).toEqual([FIRST, SECOND]);
    expect(await run(first, FIRST)).toMatchObject({ unchanged: 120, rows_written: 0, rows_removed: 0 });
    await client.end();
    await drop();
  });
});
