import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import pg from 'pg';
import { beforeAll, describe, expect, test } from 'vitest';
import { connectionString, readPostmaster } from '../../src/destinations/embedded/postmaster.ts';
import { startEmbeddedServer } from '../../src/destinations/embedded/server.ts';
import { runHere } from '../support/command-line.ts';
import { createDatabase } from '../support/database.ts';
import { csvDestination, differences, postgresDestination } from '../support/destinations.ts';
import { temporaryDirectory } from '../support/directory.ts';
import { type ProgramResult, runProgram, startProgram } from '../support/program.ts';
import { SECRET_KEY, type Simulation, startSimulation } from '../support/simulation.ts';

let simulation: Simulation;
let crm: string;
beforeAll(async () => {
  simulation = await startSimulation({ users: 60, seed: 78, rate: 1_000, oddUserIds: 0.5 });
  crm = (await createDatabase()).url;
  await fill(crm);
});

/** A table of users, with one who left and one without an ID. */
async function fill(url: string): Promise<void> {
  const ids = (await readFile(simulation.users, 'utf8')).trimEnd().split('\n');
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  await client.query('create table users (user_id text, name text, has_left bool)');
  await client.query(
    "insert into users select id, 'Jo \"the\nbest\"', false from unnest($1::text[]) id union all values ('gone', '', true), (null, '', true)",
    [ids],
  );
  await client.end();
}

const SQL = `select user_id, name -- of everybody
from users where not has_left order by user_id;`;

type Change = {
  readonly sql?: string;
  readonly args?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
};

const command = (to: string, { sql = SQL, args = [], env = {} }: Change) => ({
  args: ['run', '--users-sql', sql, '--endpoint', simulation.url, '--sdk-app-id', '1400000000', ...args],
  env: { CHAT_EXPORT_SECRET_KEY: SECRET_KEY, CHAT_EXPORT_TO: to, ...env },
});

function run(to: string, change: Change): Promise<ProgramResult> {
  const { args, env } = command(to, change);
  return runHere(args, { env });
}

test('the users of a query to another database are exported to the expected rows', async () => {
  const destination = await csvDestination();
  const result = await run(destination.to, { env: { CHAT_EXPORT_USERS_DB: crm } });
  expect(result).toMatchObject({ code: 0 });
  expect(await differences(simulation.expectedDir, destination)).toEqual({});
});

test('and those of a query to the destination itself', async () => {
  const destination = await postgresDestination();
  await fill(destination.to);
  expect(await run(destination.to, {})).toMatchObject({ code: 0 });
  expect(await differences(simulation.expectedDir, destination)).toEqual({});
});

test('and those of an embedded database, whose server runs no longer than it is needed', async () => {
  const dir = join(await temporaryDirectory(), 'db');
  const server = await startEmbeddedServer({ dir, durable: false });
  await fill(server.url);
  await server.stop();
  const destination = await csvDestination();
  const sql = SQL.replace('where', "where current_user = 'chat_export_reader' and");
  const result = await run(destination.to, { sql, args: ['--users-db', `embedded:${dir}`] });
  expect(result).toMatchObject({ code: 0 });
  expect(await differences(simulation.expectedDir, destination)).toEqual({});
  expect(await run(`embedded:${dir}`, { args: ['--limit', '5'] })).toMatchObject({ code: 0 });
  await expect(readFile(join(dir, 'postmaster.pid'))).rejects.toThrow('ENOENT');
});

test('a job file has the query over several lines', async () => {
  const file = join(await temporaryDirectory(), 'nightly.yaml');
  await writeFile(
    file,
    `users-sql: |\n${SQL.replace(/^/gm, '  ')}\nusers-db: \${CRM_URL}\nendpoint: ${simulation.url}\nsdk-app-id: 1400000000\n`,
  );
  const destination = await csvDestination();
  const result = await runHere(['run', file, '--to', destination.to], {
    env: { CHAT_EXPORT_SECRET_KEY: SECRET_KEY, CRM_URL: crm },
  });
  expect(result).toMatchObject({ code: 0 });
  expect(await differences(simulation.expectedDir, destination)).toEqual({});
});

describe('is refused with one line and nothing called', () => {
  test.each<[string, Change, number, RegExp]>([
    [
      'a query with a mistake',
      { sql: 'select user_id form users' },
      2,
      /^chat-export: --users-sql: syntax error at or near "users" at line 1, character 21 \(42601\)$/m,
    ],
    [
      'a table that is not there',
      { sql: 'select 1 from nobody' },
      2,
      /--users-sql: .*"nobody" does not exist/,
    ],
    ['a query that writes', { sql: 'delete from users returning user_id' }, 2, /--users-sql: .*read-only/],
    ['a query of comments', { sql: '/* nothing */ ;' }, 2, /--users-sql: the statement returns no rows/],
    [
      'columns among which none is named',
      { sql: 'select name, has_left from users' },
      2,
      /^chat-export: --users-sql: which column holds the user IDs\? Name it with --user-column; the columns are "name", "has_left"$/m,
    ],
    [
      'a column that is not there',
      { args: ['--user-column', 'uid'] },
      2,
      /--users-sql: there is no column "uid" \(--user-column\); the columns are "user_id", "name"/,
    ],
    [
      'a null among the IDs',
      { sql: 'select user_id from users order by user_id nulls first' },
      2,
      /^chat-export: row 1 of --users-sql: the user ID is null or empty$/m,
    ],
    [
      'a query without rows',
      { sql: 'select user_id from users where false' },
      2,
      /--users-sql holds no user ID/,
    ],
    [
      'a database where nobody answers',
      { env: { CHAT_EXPORT_USERS_DB: 'postgres://reader:hush@127.0.0.1:1/crm' } },
      5,
      /^chat-export: --users-db: postgres:\/\/reader@127\.0\.0\.1:1\/crm: .*ECONNREFUSED/,
    ],
    [
      'a database whose URL is wrong',
      { env: { CHAT_EXPORT_USERS_DB: 'postgres://reader:hush@127.0.0.1:1/crm?sslmode=foo' } },
      2,
      /^chat-export: --users-db: postgres:\/\/reader@127\.0\.0\.1:1\/crm: sslmode=foo: expected one of/,
    ],
    [
      'an embedded database that is not there',
      { args: ['--users-db', 'embedded:/nowhere/at/all'], env: { CHAT_EXPORT_USERS_DB: '' } },
      2,
      /--users-sql: --users-db embedded:\/nowhere\/at\/all holds no database yet/,
    ],
  ])('%s', async (_, change, code, reason) => {
    const before = await simulation.report();
    const destination = await csvDestination();
    const { args, env } = command(destination.to, {
      ...change,
      env: { CHAT_EXPORT_USERS_DB: crm, ...change.env },
    });
    const result = await runHere(args, { env, cwd: '/' });
    expect(result).toMatchObject({ code, stdout: '', stderr: expect.stringMatching(reason) });
    expect(result.stderr.trimEnd().split('\n')).toHaveLength(1);
    expect(result.stderr).not.toContain('hush');
    expect((await simulation.report()).calls).toBe(before.calls);
    await expect(rm(destination.to.slice('csv:'.length), { recursive: true })).rejects.toThrow('ENOENT');
  });

  test('skipped rows are reported by their number', async () => {
    const destination = await csvDestination();
    const result = await run(destination.to, {
      sql: 'select user_id from users where not has_left or user_id is null order by user_id nulls first',
      args: ['--max-bad-lines', '1'],
      env: { CHAT_EXPORT_USERS_DB: crm },
    });
    expect(result).toMatchObject({ code: 0 });
    expect(result.stderr).toMatch(/WARN.*row 1 of --users-sql: the user ID is null or empty \(skipped\)/);
    expect(result.stdout).toMatch(/invalid lines +1 of 61 skipped/);
    expect(await differences(simulation.expectedDir, destination)).toEqual({});
  });
});

test('a resumed run asks again, and keeps its plan when the answer is another one', async () => {
  const slow = await startSimulation({
    users: 60,
    seed: 78,
    rate: 1_000,
    oddUserIds: 0.5,
    latency: [20, 30],
  });
  const destination = await csvDestination();
  const args = ['run', '--users-sql', SQL, '--endpoint', slow.url, '--sdk-app-id', '1400000000'];
  const more = ['--chunk-size', '10', '--concurrency', '2', '--log-level', 'debug'];
  const { url } = await createDatabase();
  await fill(url);
  const env = {
    CHAT_EXPORT_SECRET_KEY: SECRET_KEY,
    CHAT_EXPORT_TO: destination.to,
    CHAT_EXPORT_USERS_DB: url,
  };
  const first = await runProgram([...args, ...more], { env, until: /chunk 1 is committed/ });
  expect(first).toMatchObject({ code: 143 });
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  await client.query("insert into users values ('new', '', false)");
  await client.end();
  const second = await runHere([...args, ...more], { env });
  expect(second).toMatchObject({ code: 0 });
  expect(second.stderr).toMatch(/the user list has changed since run 1 started; this run keeps its plan/);
  expect(await differences(slow.expectedDir, destination)).toEqual({});
});

test.each([
  ['SIGINT', 130, 'run'],
  ['SIGTERM', 143, 'check'],
] as const)(
  '%s ends a query for the list, at its server too, and the program with %i, for %s',
  async (signal, code, command) => {
    const dir = join(await temporaryDirectory(), 'db');
    await (await startEmbeddedServer({ dir, durable: false })).stop();
    for (const to of [`embedded:${dir}`, crm]) {
      const sql = `select pg_sleep(600)::text as user_id, '${command}' as command`;
      const args = [command, '--users-sql', sql, '--endpoint', simulation.url, '--sdk-app-id', '1400000000'];
      const { to: export_ } = await csvDestination();
      const env = { CHAT_EXPORT_SECRET_KEY: SECRET_KEY, CHAT_EXPORT_USERS_DB: to, CHAT_EXPORT_TO: export_ };
      const program = startProgram(args, { env });
      const atWork = async (): Promise<number> => {
        const postmaster = await readPostmaster(dir);
        const url = to === crm ? crm : postmaster?.ready ? connectionString(postmaster) : null;
        if (url === null) return 0;
        const client = new pg.Client({ connectionString: url });
        client.on('error', () => {});
        await client.connect();
        const asked = `copy (%pg_sleep(600)%${command}%`;
        const { rows } = await client.query('select from pg_stat_activity where query ilike $1', [asked]);
        await client.end();
        return rows.length;
      };
      await expect.poll(atWork, { timeout: 60_000 }).toBe(1);
      program.kill(signal);
      expect(await program.exit).toMatchObject({ code, signal: null, stdout: '' });
      if (to === crm) await expect.poll(atWork).toBe(0);
      else expect(await readPostmaster(dir)).toBeUndefined();
    }
  },
);
