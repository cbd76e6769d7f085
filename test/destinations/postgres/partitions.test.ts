import { readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import type { RunCounts } from '../../../src/destinations/contract/counts.ts';
import {
  databaseMigrationScript,
  databaseMigrations,
} from '../../../src/destinations/postgres/schema/database-migrations.ts';
import { MIGRATIONS } from '../../../src/destinations/postgres/schema/migrations.ts';
import type { UserRows } from '../../../src/rows/normalize.ts';
import { rowTables } from '../../../src/rows/tables.ts';
import { describeServers } from '../../support/servers.ts';
import {
  all,
  app,
  commitOf,
  finish,
  newRun,
  only,
  resultOf,
  unexported,
  userIds,
  userWith,
} from '../samples.ts';
import { PostgresGround } from './ground.ts';

const other = app + 1;

describeServers("a DBA's own partitions", (server) => {
  const ground = new PostgresGround(server);
  const place = (schema: string) => ({ url: ground.url, name: 'postgres://test', schema });

  /** A run of these users; `gone` have left the app and lose their rows. */
  async function exportOnce(
    schema: string,
    exported: readonly UserRows[],
    { gone = [] as readonly string[], sdkAppId = app } = {},
  ): Promise<RunCounts> {
    const destination = await ground.open(schema, { sdkAppId, migrate: false });
    const ids = [...exported.map((user) => user.userId), ...gone];
    const run = await destination.begin(newRun(ids.length, ids.length, { sdkAppId }), [ids]);
    const counts = await commitOf(
      run,
      resultOf(run, only(await all(run.openChunks(1))), {
        exported,
        unexported: gone.map((userId) => ({ ...unexported(userId, 'not_in_app'), sdk_app_id: sdkAppId })),
        removeNotInApp: true,
      }),
    );
    await finish(run);
    await destination.close();
    return counts;
  }

  /** Runs that insert, keep, change and remove rows, in two apps. */
  async function expectRuns(schema: string): Promise<void> {
    const users = userIds(12).map((userId) => userWith(userId, ['a', 'b']));
    const inOther = userIds(12).map((userId) => userWith(userId, ['a', 'b'], {}, other));
    expect(await exportOnce(schema, users)).toMatchObject({ rowsWritten: 60, rowsRemoved: 0 });
    expect(await exportOnce(schema, inOther, { sdkAppId: other })).toMatchObject({ rowsWritten: 60 });
    const rows = (where: string) =>
      ground.query(
        `select tableoid::regclass::text as leaf, ctid, xmin::text, * from ${schema}.conversations where ${where}
         order by user_id, conversation_id`,
      );
    const before = [await rows('true'), await rows(`sdk_app_id = ${other}`)];
    expect(before[0]).toHaveLength(48);
    expect(new Set(before[0]?.map((row) => row.leaf)).size).toBeGreaterThan(1);
    expect(await exportOnce(schema, users)).toMatchObject({ unchanged: 12, rowsWritten: 0, rowsRemoved: 0 });
    expect(await rows('true')).toEqual(before[0]);
    const changed = [userWith('u1', ['b', 'c']), userWith('u2', []), ...users.slice(3)];
    expect(await exportOnce(schema, changed, { gone: ['u3'] })).toMatchObject({
      unchanged: 9,
      rowsWritten: 2,
      rowsRemoved: 2 + 5 + 5,
    });
    expect(await rows(`sdk_app_id = ${other}`)).toEqual(before[1]);
    expect(await rows(`sdk_app_id = ${app} and user_id in ('u1', 'u2', 'u3')`)).toMatchObject([
      { peer_id: 'b' },
      { peer_id: 'c' },
    ]);
  }

  /** Puts a partitioned table into the place of each row table, rows and keys included. */
  async function replaceByLists(schema: string): Promise<void> {
    for (const { name } of rowTables) {
      await ground.query(`begin; set local search_path to ${schema};
        alter table ${name} rename to ${name}_whole;
        create table ${name} (like ${name}_whole including all) partition by list (sdk_app_id);
        create table ${name}_${app} partition of ${name} for values in (${app});
        create table ${name}_others partition of ${name} default;
        insert into ${name} select * from ${name}_whole;
        drop table ${name}_whole cascade; commit`);
    }
  }

  test('by hash of the user, written into the script of the migrations, serve runs', async () => {
    const schema = ground.schema();
    let script = await databaseMigrationScript(place(schema));
    for (const { name } of rowTables) {
      script = script.replace(
        new RegExp(`(create table ${name} \\([^;]*\\));`),
        `$1 partition by hash (user_id);
         create table ${name}_0 partition of ${name} for values with (modulus 2, remainder 0);
         create table ${name}_1 partition of ${name} for values with (modulus 2, remainder 1);`,
      );
    }
    expect(script.match(/partition by hash/g)).toHaveLength(rowTables.length);
    // Without the orders to psql itself.
    await ground.query(script.replaceAll(/^\\.*$/gm, ''));
    expect((await databaseMigrations(place(schema), 'status')).pending).toEqual([]);
    await expectRuns(schema);
  });

  test('by list of the app, put into the place of tables in use, serve runs', async () => {
    const schema = ground.schema();
    await databaseMigrations(place(schema), 'up');
    await exportOnce(schema, [userWith('before', ['a'])]);
    await replaceByLists(schema);
    const migration = await readFile(new URL('0001_schema.sql', MIGRATIONS), 'utf8');
    const views = migration.match(/^create or replace view .*?;$/gms)?.join('\n');
    await ground.query(`begin; set local search_path to ${schema}; ${views}; commit`);
    expect(await ground.query(`select user_id, conversations from ${schema}.contact_group_sizes`)).toEqual([
      { user_id: 'before', conversations: '1' },
    ]);
    expect(await exportOnce(schema, [userWith('before', ['a'])])).toMatchObject({ unchanged: 1 });
    await exportOnce(schema, [], { gone: ['before'] });
    await expectRuns(schema);
  });
});
