import { join } from 'node:path';
import pg from 'pg';
import { beforeAll, describe, expect, test } from 'vitest';
import { queryRows } from '../../../src/destinations/postgres/read/query-rows.ts';
import { runHere } from '../../support/command-line.ts';
import { temporaryDirectory } from '../../support/directory.ts';
import { noPooler, type PoolerSettings, startPooler } from '../../support/pooler.ts';
import { runAgainst, type Simulation, startSimulation } from '../../support/simulation.ts';
import { PostgresGround } from './ground.ts';

const SERVERS = 2;
const POOLS: readonly (readonly [name: string, settings: PoolerSettings])[] = [
  ['shares sessions between transactions', { pool_mode: 'transaction' }],
  ['shares them in turn', { pool_mode: 'transaction', server_round_robin: 1 }],
  ['reuses sessions without resetting them', { pool_mode: 'session', server_reset_query: '' }],
];

/**
 * The state in which a pool's sessions were left: settings made for them, except those that the pooler itself makes for each of
 * its clients, and everything else that outlives a transaction.
 */
const LEFT = `select pg_sleep(0.1)::text as pause,
  (select array_agg(name || '=' || setting) from pg_settings where source = 'session'
     and name not in ('application_name', 'client_encoding', 'DateStyle', 'TimeZone', 'standard_conforming_strings')) as settings,
  (select array_agg(name::text) from pg_prepared_statements) as statements,
  (select array_agg(name::text) from pg_cursors) as cursors,
  (select array_agg(c) from pg_listening_channels() c) as channels,
  (select array_agg(classid || ':' || objid) from pg_locks where locktype = 'advisory' and pid = pg_backend_pid()) as locks,
  (select array_agg(relname::text) from pg_class where relnamespace = pg_my_temp_schema()) as tables`;

const nothing = {
  pause: '',
  settings: null,
  statements: null,
  cursors: null,
  channels: null,
  locks: null,
  tables: null,
};

/** Asks every session of the pool at once, so that each of them has to answer. */
async function left(url: string): Promise<unknown[]> {
  const others = Array.from({ length: SERVERS }, () => new pg.Client({ connectionString: url }));
  for (const other of others) await other.connect();
  const answers = await Promise.all(others.map((other) => other.query(LEFT)));
  for (const other of others) await other.end();
  return answers.map(({ rows }) => rows[0]);
}

describe.skipIf(noPooler)('a pool that other programs share (needs pgbouncer)', () => {
  const ground = new PostgresGround();
  let simulation: Simulation;
  const untouched = Array.from({ length: SERVERS }, () => ({ ...nothing }));

  beforeAll(async () => {
    simulation = await startSimulation({ users: 30, rate: 1_000, failing: 0.2, changed: 0.3 });
    for (const day of [1, 2]) {
      if (day === 2) await simulation.change({ day });
      const { args, env } = runAgainst(simulation, ground.url, '--history', '--max-attempts', '1', '--quiet');
      expect(await runHere([...args], { env })).toMatchObject({ code: 3 });
    }
  });

  describe.each(POOLS)('and that %s', (_, settings) => {
    const start = (): Promise<string> =>
      startPooler(ground.url, { ...settings, default_pool_size: SERVERS, min_pool_size: SERVERS });

    test.each([
      ['runs', []],
      ['show', ['last']],
      ['show', ['1', '--json']],
      ['verify', []],
      ['diff', ['2', '--json']],
      ['sql', ["select set_config('work_mem', '99MB', false), count(*) from runs"]],
      ['sql', ["select pg_advisory_xact_lock(7), 'x' as x", '--csv']],
      ['sql', ['select * from conversations', '--json']],
      ['sql', ['select 1/0']],
      ['migrate', ['status']],
      ['migrate', ['sql']],
    ])('%s %j reads through it and leaves nothing behind', async (command, more) => {
      const url = await start();
      const direct = await runHere([command, ...more], { env: { CHAT_EXPORT_TO: ground.url } });
      const pooled = await runHere([command, ...more], { env: { CHAT_EXPORT_TO: url } });
      const named = (text: string): string =>
        text.replaceAll(/postgres:\/\/\S*\?\S*|postgres:\/\/[^\s"]*/g, 'DB');
      expect(pooled.code).toBe(direct.code);
      expect(named(pooled.stdout)).toBe(named(direct.stdout));
      expect(await left(url)).toEqual(untouched);
    });

    test('report reads through it and leaves nothing behind', async () => {
      const url = await start();
      const page = join(await temporaryDirectory(), 'page.html');
      const reported = await runHere(['report', 'last', '--output', page], { env: { CHAT_EXPORT_TO: url } });
      expect(reported).toMatchObject({ code: 0 });
      expect(await left(url)).toEqual(untouched);
    });

    test('a list is read from a query through it, and nothing left behind', async () => {
      const url = await start();
      const query = ['--users-sql', 'select user_id from chat_export.exported_users', '--users-db', url];
      const { args, env } = runAgainst(
        simulation,
        `csv:${join(await temporaryDirectory(), 'out')}`,
        '--quiet',
      );
      const run = await runHere(
        [...args.filter((arg) => arg !== '--users' && arg !== simulation.users), ...query],
        {
          env,
        },
      );
      expect(run).toMatchObject({ code: 0 });
      expect(await left(url)).toEqual(untouched);
    });
  });

  test.each([
    [['run']],
    [['run', '--retry-failed', 'last']],
    [['check']],
    [['migrate', 'up']],
    [['erase', 'u1']],
  ])('%j is refused where sessions are shared, before anything is set', async ([command = '', ...more]) => {
    const url = await startPooler(ground.url, { pool_mode: 'transaction', default_pool_size: SERVERS });
    const { args, env } = runAgainst(simulation, url);
    const all = {
      run: more.length === 0 ? args : args.filter((arg) => arg !== '--users' && arg !== simulation.users),
      check: args.slice(1),
      migrate: [],
      erase: ['--sdk-app-id', '1400000000'],
    };
    const given = all[command as keyof typeof all];
    const refused = await runHere(command === 'run' ? [...given, ...more] : [command, ...more, ...given], {
      env,
    });
    expect(refused.code).toBe(2);
    expect(refused.stdout + refused.stderr).toMatch(/a connection pooler shares sessions/);
    expect(await left(url)).toEqual(untouched);
  });

  test.each([
    ['run', []],
    ['check', []],
    ['migrate', ['up']],
  ])(
    '%s %j is refused where sessions are handed on as they were left, and leaves them so',
    async (command, more) => {
      const settings = { pool_mode: 'session', server_reset_query: '', default_pool_size: SERVERS };
      const url = await startPooler(ground.url, settings);
      const { args, env } = runAgainst(simulation, url);
      const refused = await runHere([command, ...more, ...(command === 'migrate' ? [] : args.slice(1))], {
        env,
      });
      expect(refused.code).toBe(2);
      expect(refused.stdout + refused.stderr).toMatch(
        /a connection pooler reuses sessions without resetting them/,
      );
      expect(await left(url)).toEqual(untouched);
    },
  );

  test('a query that is given up ends at the server, and its session serves others as before', async () => {
    for (const size of [1, SERVERS]) {
      const url = await startPooler(ground.url, { pool_mode: 'transaction', default_pool_size: size });
      const stop = new AbortController();
      const sql = `select pg_sleep(100)::text as pause${size}`;
      const rows = queryRows({ url, name: 'postgres://test', sql, stop: stop.signal });
      const reading = rows.next().catch((error: unknown) => error);
      const atWork = (): Promise<unknown[]> =>
        ground.query('select from pg_stat_activity where query like $1 and pid <> pg_backend_pid()', [
          `%pause${size}%`,
        ]);
      await expect.poll(atWork, { timeout: 20_000 }).toHaveLength(1);
      stop.abort('SIGINT');
      expect(await reading).toBe('SIGINT');
      await expect.poll(atWork, { timeout: 20_000 }).toEqual([]);
      expect(await (size === 1 ? oneLeft(url) : left(url))).toEqual(untouched.slice(0, size));
    }
  });
});

async function oneLeft(url: string): Promise<unknown[]> {
  const other = new pg.Client({ connectionString: url });
  await other.connect();
  const { rows } = await other.query(LEFT);
  await other.end();
  return rows;
}
