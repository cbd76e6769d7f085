import { expect, test } from 'vitest';
import type { RunCounts } from '../../../../src/destinations/contract/counts.ts';
import type { PostgresOptions } from '../../../../src/destinations/postgres/postgres-destination.ts';
import { describeServers } from '../../../support/servers.ts';
import { all, finish, newRun, resultOf, userIds, userWith } from '../../samples.ts';
import { PostgresGround } from '../ground.ts';

const TABLES = ['contact_groups', 'conversations', 'exported_users', 'memberships'];

describeServers('the vacuum after a run', (server) => {
  const ground = new PostgresGround(server);

  /** A finished run of users in chunks of 50, some of them with other content than before. */
  async function exportOnce(
    schema: string,
    {
      changed = 0,
      users = 100,
      ...options
    }: { changed?: number; users?: number } & Partial<PostgresOptions> = {},
  ): Promise<RunCounts> {
    const destination = await ground.open(schema, options);
    const begun = await destination.begin(newRun(users, 50), [userIds(users)]);
    let next = 0;
    for (const chunk of await all(begun.openChunks(1))) {
      const exported = chunk.userIds.map((userId) => {
        next += 1;
        return userWith(userId, [next <= changed ? 'other' : 'peer']);
      });
      await begun.commit(resultOf(begun, chunk, { exported }));
    }
    // A resumed run has the changes of its earlier attempts in its record.
    const last = await destination.lastRun('nightly');
    const run = last === null ? begun : await destination.resume(last);
    const { counts } = await finish(run);
    await destination.close();
    return counts;
  }

  /** How often each table was vacuumed and analyzed by hand. */
  async function visits(schema: string, tables = TABLES): Promise<Record<string, [number, number]>> {
    await ground.query('select pg_stat_force_next_flush(), pg_stat_clear_snapshot()');
    const rows = await ground.query(
      `select relname, vacuum_count::int, analyze_count::int from pg_stat_user_tables
       where schemaname = $1 and relname = any($2)`,
      [schema, tables],
    );
    return Object.fromEntries(
      rows.map((row) => [row.relname, [Number(row.vacuum_count), Number(row.analyze_count)]]),
    );
  }
  const each = (times: number) => Object.fromEntries(TABLES.map((table) => [table, [times, times]]));

  test('comes after the first run, not after one with few or no changes, and again after many', async () => {
    const schema = ground.schema();
    const first = await exportOnce(schema);
    expect(first.changes).toEqual(Object.fromEntries(TABLES.map((table) => [table, 100])));
    expect(await visits(schema)).toEqual(each(1));
    expect((await exportOnce(schema)).changes).toEqual({});
    expect(await visits(schema)).toEqual(each(1));
    expect((await exportOnce(schema, { changed: 2 })).changes).toEqual({
      conversations: 4,
      memberships: 4,
      exported_users: 2,
    });
    expect(await visits(schema)).toEqual(each(1));
    // 6 of 100 rows removed and written, in the two tables that changed; 6 of 100 users.
    await exportOnce(schema, { changed: 8 });
    expect(await visits(schema)).toEqual({ ...each(2), contact_groups: [1, 1] });
  });

  test('takes a history as it takes the rows, and once when it has begun', async () => {
    const histories = ['contact_groups_history', 'conversations_history', 'memberships_history'];
    const times = (count: number) => Object.fromEntries(histories.map((table) => [table, [count, count]]));
    const schema = ground.schema();
    await exportOnce(schema);
    expect(await visits(schema, histories)).toEqual(times(0));
    expect((await exportOnce(schema, { history: true })).changes).toEqual({});
    expect(await visits(schema, histories)).toEqual(times(1));
    await exportOnce(schema);
    expect(await visits(schema, histories)).toEqual(times(1));
    await exportOnce(schema, { changed: 8 });
    expect(await visits(schema, histories)).toEqual({ ...times(2), contact_groups_history: [1, 1] });
  });

  test('takes the leaves of a partitioned table together', async () => {
    const schema = ground.schema();
    await exportOnce(schema, { users: 1 });
    await ground.query(`create table ${schema}.parted (like ${schema}.memberships including all) partition by hash (user_id);
      create table ${schema}.memberships_0 partition of ${schema}.parted for values with (modulus 2, remainder 0);
      create table ${schema}.memberships_1 partition of ${schema}.parted for values with (modulus 2, remainder 1);
      drop table ${schema}.memberships cascade; alter table ${schema}.parted rename to memberships`);
    await exportOnce(schema);
    const leaves = () =>
      ground.query(
        `select relname, vacuum_count::int as visits from pg_stat_user_tables
         where schemaname = $1 and relname like 'memberships\\__' order by 1`,
        [schema],
      );
    await visits(schema);
    const once = [
      { relname: 'memberships_0', visits: 1 },
      { relname: 'memberships_1', visits: 1 },
    ];
    expect(await leaves()).toEqual(once);
    await exportOnce(schema, { changed: 2 });
    await visits(schema);
    expect(await leaves()).toEqual(once);
  });

  test('that meets a lock, or belongs to another role, is reported and fails nothing', async () => {
    const schema = ground.schema();
    await exportOnce(schema);
    const notices: string[] = [];
    const events = { onOutage: () => {}, onNotice: (notice: string) => void notices.push(notice) };
    const blocker = await ground.connect();
    await blocker.query(`begin; lock table ${schema}.memberships in share update exclusive mode`);
    await exportOnce(schema, { changed: 100, events });
    expect(notices).toEqual([
      `after the run: ${schema}.memberships was not vacuumed: canceling statement due to lock timeout`,
    ]);
    await blocker.end();

    await ground.query(`create role ${schema}_guest login; grant usage on schema ${schema} to ${schema}_guest;
      grant select, insert, update, delete on all tables in schema ${schema} to ${schema}_guest`);
    const url = new URL(ground.url);
    url.searchParams.set('user', `${schema}_guest`);
    notices.length = 0;
    await exportOnce(schema, { url: url.href, events });
    expect(notices).toHaveLength(1);
    expect(notices[0]).toMatch(/^after the run: [^\n]*"conversations"[^\n]*; [^\n]*"exported_users"[^\n]*$/);
    await ground.query(`drop owned by ${schema}_guest; drop role ${schema}_guest`);
  });

  test('ends when the run is asked to stop, and the run is finished', async () => {
    const schema = ground.schema();
    await exportOnce(schema);
    const stop = new AbortController();
    const blocker = await ground.connect();
    await blocker.query(
      `begin; lock table ${schema}.contact_groups, ${schema}.conversations in share update exclusive mode`,
    );
    const notices: string[] = [];
    const events = { onOutage: () => {}, onNotice: (notice: string) => void notices.push(notice) };
    const ended = exportOnce(schema, { changed: 100, stop: stop.signal, events });
    for (;;) {
      const waiting = await ground.query(
        `select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'
         and query like 'vacuum%'`,
      );
      if (waiting.length > 0) break;
    }
    stop.abort('SIGTERM');
    await ended;
    // The wait for the lock did not time out.
    expect(notices).toEqual([
      `after the run: ${schema}.conversations was not vacuumed: canceling statement due to user request`,
    ]);
    await blocker.end();
    expect(await ground.query(`select distinct status from ${schema}.runs`)).toEqual([
      { status: 'finished' },
    ]);
    expect(await visits(schema)).toEqual(each(1));
  });
});
