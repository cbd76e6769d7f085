import { expect, test } from 'vitest';
import { DestinationError } from '../../../../src/destinations/contract/destination-error.ts';
import { QueryError } from '../../../../src/destinations/contract/query-error.ts';
import { queryRows } from '../../../../src/destinations/postgres/read/query-rows.ts';
import { ReadOnlySession } from '../../../../src/destinations/postgres/read/read-only-session.ts';
import { PostgresGround } from '../ground.ts';
import { Relay } from '../relay.ts';

const ground = new PostgresGround();

const stop = new AbortController().signal;

async function rowsOf(sql: string, url = ground.url): Promise<string> {
  const pieces: Buffer[] = [];
  for await (const piece of queryRows({ url, name: 'postgres://test', sql, stop })) pieces.push(piece);
  return Buffer.concat(pieces).toString('utf8');
}

test('the rows of a query come as CSV with a header', async () => {
  expect(
    await rowsOf("select * from (values ('a,b', 1), ('\"', null), ('管理员', 2)) v(user_id, n); -- all"),
  ).toBe('user_id,n\n"a,b",1\n"""",\n管理员,2\n');
  expect(await rowsOf('select 1 as n where false -- none')).toBe('n\n');
  expect(await rowsOf('with u as (select 7 as id) select id from u')).toBe('id\n7\n');
});

test('names are found as in any session of the user', async () => {
  await ground.query('create schema app; create table app.users (user_id text)');
  await ground.query("insert into app.users values ('u1')");
  const name = new URL(ground.url).pathname.slice(1);
  await ground.query(`alter database ${name} set search_path = app`);
  expect(await rowsOf('select user_id from users')).toBe('user_id\nu1\n');
});

test('many rows come as they are asked for, and may be left before their end', async () => {
  const sql = "select 'user-' || n as user_id from generate_series(1, 10000000) n";
  let bytes = 0;
  for await (const piece of queryRows({ url: ground.url, name: 'postgres://test', sql, stop })) {
    bytes += piece.length;
    if (bytes > 1_000_000) break;
  }
  expect(bytes).toBeLessThan(3_000_000);
  await expect
    .poll(() =>
      ground.query("select 1 from pg_stat_activity where application_name like 'chat-export user list%'"),
    )
    .toEqual([]);
});

test.each([
  ['\nselec 1', /^syntax error at or near "selec" at line 2, character 1 \(42601\)$/],
  ['select 1; select 2', /^cannot insert multiple commands into a prepared statement \(42601\)$/],
  ['', /^the statement returns no rows, and was not run; write a query$/],
  ['-- nothing', /^the statement returns no rows/],
  ["copy (select 1) to '/tmp/out'", /^the statement returns no rows/],
  ['select 1) to stdout; drop table public.target; copy (select 1', /^syntax error at or near "\)"/],
  ['select * from nowhere', /^relation "nowhere" does not exist at line 1, character 15 \(42P01\)$/],
  ["select nextval('public.serial')", /\(25006\)$/],
  ['insert into public.target values (1) returning n', /\(25006\)$/],
  ['select 1/0', /^division by zero \(22012\)$/],
  ['select 1/(n - 900000) from generate_series(1, 1000000) n', /^division by zero \(22012\)$/],
])("%j is refused in the server's own words", async (sql, message) => {
  await ground.query(
    'create sequence if not exists public.serial; create table if not exists public.target (n int)',
  );
  const error: unknown = await rowsOf(sql).catch((caught) => caught);
  expect(error).toBeInstanceOf(QueryError);
  expect((error as Error).message).toMatch(message);
});

test('a database that cannot be reached, or is lost meanwhile, is not an error of the query', async () => {
  const nobody: unknown = await rowsOf('select 1', 'postgres://u:hush@127.0.0.1:1/x').catch(
    (caught) => caught,
  );
  expect(nobody).toBeInstanceOf(DestinationError);
  expect(String(nobody)).toMatch(/postgres:\/\/test: .*ECONNREFUSED/);
  expect(String(nobody)).not.toContain('hush');

  const sql = "select 'user-' || n as user_id from generate_series(1, 10000000) n";
  const relay = await Relay.start(ground.url);
  for (const loss of [() => relay.down(), () => ground.terminate('user list')]) {
    await relay.up().catch(() => {});
    const rows = queryRows({ url: relay.url, name: 'postgres://test', sql, stop });
    expect((await rows.next()).done).toBe(false);
    await loss();
    const readOn = async (): Promise<void> => {
      for await (const _ of rows);
    };
    await expect(readOn()).rejects.toThrow(DestinationError);
  }
});

test.each([
  ['22012', QueryError],
  ['42501', QueryError],
  ['40001', DestinationError],
  ['55P03', DestinationError],
  ['57014', DestinationError],
])('whose fault %s is does not hang on the form of the result', async (code, kind) => {
  await ground.query(`create or replace function fail(code text) returns int language plpgsql as
    $$ begin raise exception 'no' using errcode = code; end $$`);
  const sql = `select public.fail('${code}')`;
  await expect(rowsOf(sql)).rejects.toThrow(kind);
  const options = { url: ground.url, name: 'postgres://test', purpose: 'query', schema: null };
  const session = await ReadOnlySession.open({ ...options, stop });
  await expect(session.rows(sql, 1).next()).rejects.toThrow(kind);
  await session.close();
});

test('a canceled query may be tried again', async () => {
  const reading = rowsOf('select pg_sleep(60)::text').catch((caught: unknown) => caught);
  const cancel =
    "select pg_cancel_backend(pid) from pg_stat_activity where query like '%pg_sleep(60)%' and pid <> pg_backend_pid()";
  await expect.poll(() => ground.query(cancel)).toHaveLength(1);
  expect(await reading).toBeInstanceOf(DestinationError);
});
