import { readdirSync } from 'node:fs';
import { resolve } from 'node:path';
import { expect, test } from 'vitest';
import {
  DestinationError,
  InvalidDestination,
} from '../../../src/destinations/contract/destination-error.ts';
import { PostgresArchive } from '../../../src/destinations/postgres/read/postgres-archive.ts';
import { databaseMigrations } from '../../../src/destinations/postgres/schema/database-migrations.ts';
import { allTables, exportedUsers, rowTables, unexportedUsers } from '../../../src/rows/tables.ts';
import { runProgram } from '../../support/program.ts';
import { describeServers } from '../../support/servers.ts';
import { all, app, finish, newRun, only, resultOf } from '../samples.ts';
import { PostgresGround } from './ground.ts';

const migrations = readdirSync(resolve(import.meta.dirname, '../../../migrations'))
  .map((file) => file.replace(/\.sql$/, ''))
  .sort();

describeServers('the schema', (server) => {
  const ground = new PostgresGround(server);
  const migrate = (schema: string, action: 'up' | 'status' = 'up') =>
    databaseMigrations({ url: ground.url, name: 'postgres://test', schema }, action);
  const tablesOf = (schema: string) =>
    ground.query('select relname from pg_class where relnamespace = to_regnamespace($1) order by relname', [
      `"${schema}"`,
    ]);

  const shown: Readonly<Record<string, string>> = { timestamptz: 'timestamp with time zone' };

  /** The columns that only the database has. */
  const added: Readonly<Record<string, readonly string[]>> = {
    ...Object.fromEntries(rowTables.map((table) => [table.name, ['last_changed_run bigint not null']])),
    [exportedUsers.name]: [
      'last_changed_run bigint not null',
      'changed_at timestamp with time zone not null',
      'content_hash bytea',
    ],
    [unexportedUsers.name]: [
      'run_id bigint not null',
      'recovered_in_run bigint',
      'stale_since timestamp with time zone',
    ],
  };

  test.each(allTables)(
    'the table $name has the columns of every destination, in order, and those of changes',
    async (table) => {
      await migrate('equal');
      const rows = await ground.query(
        `select concat_ws(' ', a.attname, format_type(a.atttypid, a.atttypmod),
       case when c.collname = 'C' then 'C' when c.collname <> 'default' then c.collname end,
       case when a.attnotnull then 'not null' end) as reported, a.attname
     from pg_attribute a left join pg_collation c on c.oid = a.attcollation
     where a.attrelid = $1::regclass and a.attnum > 0 and not a.attisdropped order by a.attnum`,
        [`equal.${table.name}`],
      );
      const expected: string[] = table.columns.map((column) =>
        [
          column.name,
          shown[column.type] ?? column.type,
          ...('id' in column ? ['C'] : []),
          ...('nullable' in column ? [] : ['not null']),
        ].join(' '),
      );
      const more = added[table.name] ?? [];
      const reported = rows.map((row) => row.reported);
      expect([...reported].sort()).toEqual([...expected, ...more].sort());
      const common = table.columns.map((column) => column.name as string);
      expect(rows.map((row) => String(row.attname)).filter((name) => common.includes(name))).toEqual(common);
      const key = await ground.query(
        `select a.attname from pg_index i, unnest(i.indkey) with ordinality k(attnum, place)
     join pg_attribute a on a.attrelid = $1::regclass and a.attnum = k.attnum
     where i.indrelid = $1::regclass and i.indisprimary order by k.place`,
        [`equal.${table.name}`],
      );
      const runKey = table.name === 'unexported_users' ? ['run_id'] : [];
      expect(key.map((row) => row.attname)).toEqual([...table.key, ...runKey]);
    },
  );

  test('migrating again changes nothing and says so', async () => {
    expect(await migrate('again', 'status')).toEqual({ applied: [], pending: migrations });
    expect(await tablesOf('again')).toEqual([]);
    expect((await migrate('again')).applied).toEqual(migrations);
    const before = await tablesOf('again');
    expect((await migrate('again')).applied).toEqual([]);
    expect(await migrate('again', 'status')).toEqual({ applied: migrations, pending: [] });
    expect(await tablesOf('again')).toEqual(before);
  });

  test.each([
    [
      'other columns',
      `create table "early one".runs (run_id bigint primary key, job text, sdk_app_id bigint, starts integer);
       insert into "early one".runs values (1, 'default', ${app}, 1)`,
    ],
    [
      'a constraint that erasure breaks',
      `create table "early one".runs (run_id bigint primary key, job text, sdk_app_id bigint, attempts integer);
       create table "early one".exported_users (user_id text, content_hash bytea not null)`,
    ],
  ])(
    'a schema of a development version is refused, with the statement that drops it: %s',
    async (_, tables) => {
      await ground.query(`create schema "early one"; ${tables}`);
      for (const attempt of [() => ground.open('early one'), () => migrate('early one', 'status')]) {
        const error = await attempt().catch((caught: unknown) => caught);
        expect(error).toBeInstanceOf(DestinationError);
        expect(String(error)).toMatch(
          /the schema early one was made by a development version .*; drop it \(drop schema "early one" cascade\)/,
        );
      }
      const archive = await PostgresArchive.open({
        url: ground.url,
        name: 'test',
        schema: 'early one',
        caFile: null,
      });
      await expect(archive.runs({ sdkAppId: null, job: null }, 1)).rejects.toThrow(
        /drop schema "early one" cascade/,
      );
      await archive.close();
      await ground.query('drop schema "early one" cascade');
      await (await ground.open('early one')).close();
      await ground.query('drop schema "early one" cascade');
    },
  );

  test('of four that migrate at once one does it and the others wait', async () => {
    for (let round = 0; round < 5; round += 1) {
      const schema = `raced${round}`;
      const applied = await Promise.all(Array.from({ length: 4 }, () => migrate(schema)));
      expect(applied.map((status) => status.applied.length).sort()).toEqual([0, 0, 0, migrations.length]);
    }
  });

  test('migrating prints nothing on standard output', async () => {
    const script = resolve(import.meta.dirname, 'migrate.mjs');
    const first = await runProgram([ground.url, 'silent'], { script });
    expect(first).toMatchObject({ code: 0, stdout: '' });
    expect(await tablesOf('silent')).not.toEqual([]);
    // A failed migration prints nothing but its error.
    await ground.query('create schema half; create table half.memberships ()');
    const failed = await runProgram([ground.url, 'half'], { script });
    expect(failed.stdout).toBe('');
    expect(failed.stderr).toMatch(/DestinationError: postgres:\/\/test: .*"memberships" already exists/);
    expect((await tablesOf('half')).map((row) => row.relname)).not.toContain('runs');
  });

  test('a schema that a newer program made is refused', async () => {
    await migrate('newer');
    await ground.query(
      "insert into newer.schema_migrations (name, run_on) values ('0099_from-the-future', now())",
    );
    for (const attempt of [
      () => ground.open('newer'),
      () => ground.open('newer', { migrate: false }),
      () => migrate('newer'),
    ]) {
      const error = await attempt().catch((caught: unknown) => caught);
      expect(error).toBeInstanceOf(DestinationError);
      expect(String(error)).toMatch(/newer is newer than this program: .*0099_from-the-future/);
    }
  });

  test('a missing schema is refused where migrating is not allowed, and nothing is made', async () => {
    await expect(ground.open('absent', { migrate: false })).rejects.toThrow(DestinationError);
    await expect(ground.open('absent', { migrate: false })).rejects.toThrow(
      /the schema absent has pending migrations \(0001_schema\); ask a role that may create tables to run chat-export migrate up/,
    );
    expect(await ground.query("select to_regnamespace('absent') as oid")).toEqual([{ oid: null }]);
    await migrate('absent');
    await (await ground.open('absent', { migrate: false })).close();
  });

  test.each([
    'Upper',
    'with space',
    'select',
    'dash-ed',
    'ünï',
    '1st',
    'a.b',
    'percent%s',
    '$1',
    'back\\slash',
  ])('a run works in a schema named %s', async (schema) => {
    const destination = await ground.open(schema);
    const run = await destination.begin(newRun(1, 1), [['u1']]);
    await run.commit(resultOf(run, only(await all(run.openChunks(1)))));
    await run.planSecondPass();
    await finish(run);
    await destination.close();
    expect((await tablesOf(schema)).map((row) => row.relname)).toContain('stale_users');
    expect(await ground.query(`select user_id from "${schema}".exported_users`)).toEqual([{ user_id: 'u1' }]);
  });

  test.each(['a"b', "it's"])('a schema named %s is refused', async (schema) => {
    await expect(ground.open(schema)).rejects.toThrow(InvalidDestination);
    await expect(migrate(schema)).rejects.toThrow(InvalidDestination);
  });

  test('an account that may not create tables gets a message, and can use them once they exist', async () => {
    await ground.query(
      'create role reader login; create schema given; grant usage on schema given to reader',
    );
    const url = new URL(ground.url);
    url.searchParams.set('user', 'reader');
    for (const schema of ['given', 'not_given']) {
      const error = await ground.open(schema, { url: url.href }).catch((caught: unknown) => caught);
      expect(error).toBeInstanceOf(DestinationError);
      expect(String(error)).toMatch(/^[^\n]*permission denied for (schema|database)[^\n]*$/);
    }
    await migrate('given');
    await ground.query('grant all on all tables in schema given to reader');
    await (await ground.open('given', { url: url.href })).close();
    await ground.query('drop owned by reader; drop role reader');
  });
});
