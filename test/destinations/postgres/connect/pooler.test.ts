import pg from 'pg';
import { describe, expect, test } from 'vitest';
import { InvalidDestination } from '../../../../src/destinations/contract/destination-error.ts';
import { databaseMigrations } from '../../../../src/destinations/postgres/schema/database-migrations.ts';
import { exportedUsers } from '../../../../src/rows/tables.ts';
import { runHere } from '../../../support/command-line.ts';
import { noPooler, startPooler } from '../../../support/pooler.ts';
import { csvRows, postgresRows } from '../../../support/rows.ts';
import { runAgainst, startSimulation } from '../../../support/simulation.ts';
import { all, newRun, only, resultOf, userIds } from '../../samples.ts';
import { PostgresGround } from '../ground.ts';

const ground = new PostgresGround();

/** Sessions that a pool has at hand before the first question: as many idle servers as it can hold. */
async function warm(url: string, servers: number): Promise<void> {
  const clients = Array.from({ length: servers }, () => new pg.Client({ connectionString: url }));
  for (const client of clients) await client.connect();
  await Promise.all(clients.map((client) => client.query('select pg_sleep(0.2)')));
  for (const client of clients) await client.end();
}

describe.skipIf(noPooler)('a pooler on the way (needs pgbouncer)', () => {
  test.each([
    ['transaction', 1, 0, 0],
    ['transaction', 2, 0, 0],
    ['transaction', 2, 0, 2],
    ['transaction', 2, 1, 0],
    ['transaction', 2, 1, 2],
    ['transaction', 20, 0, 8],
    ['transaction', 20, 1, 8],
    ['statement', 1, 0, 0],
    ['statement', 3, 1, 3],
  ])(
    'that pools by %s, %i servers, round robin %i, %i at hand, is refused before anything is written',
    async (mode, size, robin, ready) => {
      const url = await startPooler(ground.url, {
        pool_mode: mode,
        default_pool_size: size,
        server_round_robin: robin,
      });
      await warm(url, ready);
      for (const attempt of [
        () => ground.open('pooled', { url }),
        () => databaseMigrations({ url, name: 'postgres://test', schema: 'pooled' }, 'up'),
      ]) {
        const error = await attempt().catch((caught: unknown) => caught);
        expect(error).toBeInstanceOf(InvalidDestination);
        expect(String(error)).toMatch(/a connection pooler shares sessions .*pool_mode = session$/);
      }
      expect(await ground.query("select to_regnamespace('pooled') as oid")).toEqual([{ oid: null }]);
      // No setting of ours stays for the next client of a session.
      const next = new pg.Client({ connectionString: url });
      await next.connect();
      expect((await next.query('show search_path')).rows).toEqual([{ search_path: '"$user", public' }]);
      await next.end();
    },
  );

  test('is refused by the command with 2 and one line', async () => {
    const url = await startPooler(ground.url, { pool_mode: 'transaction' });
    const simulation = await startSimulation({ users: 10 });
    const { args, env } = runAgainst(simulation, url);
    const run = await runHere([...args, '--quiet'], { env });
    expect(run).toMatchObject({ code: 2, stdout: '' });
    expect(run.stderr).toMatch(/^chat-export: postgres:\/\/[^\n]* shares sessions [^\n]*\n$/);
    expect((await simulation.report()).calls).toBe(0);
  });

  test('that keeps sessions apart serves a first run and an unchanged second one', async () => {
    const url = await startPooler(ground.url, { pool_mode: 'session', default_pool_size: 2 });
    const simulation = await startSimulation({ users: 60, rate: 1_000 });
    const { args, env } = runAgainst(simulation, url, '--json');
    for (const unchanged of [0, 60]) {
      const run = await runHere(args, { env });
      expect(run).toMatchObject({ code: 0 });
      expect(JSON.parse(run.stdout)).toMatchObject({ counts: { exported: 60, unchanged } });
    }
    expect(await postgresRows(ground.url, exportedUsers)).toEqual(
      await csvRows(simulation.expectedDir, exportedUsers),
    );
  });

  test('that keeps sessions apart does not hide who holds what the run needs', async () => {
    const url = await startPooler(ground.url, { pool_mode: 'session', default_pool_size: 2 });
    const blocker = await ground.connect();
    let reported = (_: string): void => {};
    const notice = new Promise<string>((resolve) => {
      reported = resolve;
    });
    const events = { onOutage: () => {}, onNotice: (message: string) => reported(message) };
    const destination = await ground.open('seen_through', { url, events });
    const run = await destination.begin(newRun(3, 3), [userIds(3)]);
    await blocker.query("set application_name = 'psql'; begin; lock table seen_through.conversations");
    const committing = run.commit(resultOf(run, only(await all(run.openChunks(1)))));
    expect(await notice).toMatch(
      /the run waits up to \d+ (?:s|min|h)(?: \(--max-outage\))? for a lock of psql \(process \d+ of role postgres, idle in transaction since \S+Z\)/,
    );
    await blocker.end();
    expect(await committing).toMatchObject({ exported: 3 });
    await destination.close();
  });

  describe('that hands sessions on as they were left is refused', () => {
    const kept = { pool_mode: 'session', default_pool_size: 2, server_reset_query: '' };
    const locks = () =>
      ground.query(
        `select from pg_locks l join pg_stat_activity a using (pid)
         where locktype = 'advisory' and datname = current_database()`,
      );

    test('and the session that was tried is ended', async () => {
      const url = await startPooler(ground.url, kept);
      await expect(ground.open('handed_on', { url })).rejects.toThrow(
        /a connection pooler reuses sessions without resetting them/,
      );
      expect(await locks()).toEqual([]);
    });

    test('and a session that another client has meanwhile is not touched', async () => {
      const url = await startPooler(ground.url, kept);
      const refused = expect(ground.open('handed_on', { url })).rejects.toThrow(
        /a connection pooler reuses sessions without resetting them/,
      );
      while ((await locks()).length === 0);
      const next = new pg.Client({ connectionString: url });
      next.on('error', () => {});
      await next.connect();
      await next.query('begin; create temporary table mine (id int)');
      await refused;
      expect((await next.query('select from mine')).rowCount).toBe(0);
      await next.end();
    });
  });

  test('that has only one session to give is refused, and not waited for', async () => {
    const url = await startPooler(ground.url, { pool_mode: 'session', default_pool_size: 1 });
    const error = await ground.open('narrow', { url }).catch((caught: unknown) => caught);
    expect(error).toBeInstanceOf(InvalidDestination);
    expect(String(error)).toMatch(/no second session within 5 s, .* two at a time/);
  });
});
