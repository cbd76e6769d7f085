import { expect, test } from 'vitest';
import type { RunCounts } from '../../../src/destinations/contract/counts.ts';
import type { UserRows } from '../../../src/rows/normalize.ts';
import type { UnexportedUserRow } from '../../../src/rows/tables.ts';
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

describeServers('a night', (server) => {
  const ground = new PostgresGround(server);

  type ExportOptions = {
    readonly unexported?: readonly UnexportedUserRow[];
    readonly removeNotInApp?: boolean;
    readonly sdkAppId?: number;
  };

  /** One finished run of these users in one chunk. @returns the run's number and the chunk's counts */
  async function exportOnce(
    schema: string,
    exported: readonly UserRows[],
    { sdkAppId = app, ...parts }: ExportOptions = {},
  ): Promise<{ readonly runId: number; readonly counts: RunCounts }> {
    const destination = await ground.open(schema, { sdkAppId });
    try {
      const ids = [
        ...exported.map((user) => user.userId),
        ...(parts.unexported ?? []).map((user) => user.user_id),
      ];
      const run = await destination.begin(newRun(ids.length, ids.length, { sdkAppId }), [ids]);
      const counts = await commitOf(
        run,
        resultOf(run, only(await all(run.openChunks(1))), { exported, ...parts }),
      );
      await finish(run);
      return { runId: run.record.runId, counts };
    } finally {
      await destination.close();
    }
  }

  /** All rows of a table in their places: a row that was written again, even to the same, is another one here. */
  const places = (schema: string, table: string, where = 'true') =>
    ground.query(`select ctid, xmin::text, * from ${schema}.${table} where ${where} order by 1, 2`);
  const tables = ['conversations', 'contact_groups', 'memberships', 'exported_users'];
  async function snapshot(schema: string, where?: string) {
    const found: Record<string, unknown> = {};
    for (const table of tables) found[table] = await places(schema, table, where);
    return found;
  }

  test('counts users who were cut to exactly a hundred conversations, and no others', async () => {
    const schema = ground.schema();
    const usersWith = (...counts: readonly number[]) =>
      counts.map((count, i) => userWith(`u${i + 1}`, userIds(count)));
    expect((await exportOnce(schema, usersWith(101, 300, 99, 150, 100, 100))).counts.cutToRound).toBe(0);
    // Cut to 100, to 200; grown to 100; cut to 99; emptied; as it was.
    expect((await exportOnce(schema, usersWith(100, 200, 100, 99, 0, 100))).counts.cutToRound).toBe(2);
  });

  const changedRuns = async (schema: string) =>
    Object.fromEntries(
      (
        await ground.query(
          `select user_id || ' ' || peer_id as row, last_changed_run from ${schema}.conversations`,
        )
      ).map((row) => [row.row, Number(row.last_changed_run)]),
    );

  test('writes new and changed rows, removes missing ones, and does not touch the rest', async () => {
    const schema = ground.schema();
    const first = await exportOnce(schema, [
      userWith('u1', ['stays', 'changes', 'goes']),
      userWith('u2', ['same']),
    ]);
    expect(first.counts).toMatchObject({ rowsWritten: 3 + 1 + 3 + 3, rowsRemoved: 0, unchanged: 0 });
    const before = await snapshot(schema, "user_id = 'u2'");
    const [changedAt] = await ground.query(
      `select max(changed_at)::text as changed_at from ${schema}.exported_users`,
    );

    const after = userWith('u1', ['stays', 'changes', 'comes']);
    const conversations = after.conversations.map((row) =>
      row.peer_id === 'changes' ? { ...row, custom_mark: '' } : row,
    );
    const second = await exportOnce(schema, [{ ...after, conversations }, userWith('u2', ['same'])]);
    expect(second.counts).toMatchObject({ rowsWritten: 3, rowsRemoved: 2, unchanged: 1 });
    expect(await changedRuns(schema)).toEqual({
      'u1 stays': first.runId,
      'u1 changes': second.runId,
      'u1 comes': second.runId,
      'u2 same': first.runId,
    });
    expect(await snapshot(schema, "user_id = 'u2'")).toEqual(before);
    expect(
      await ground.query(
        `select user_id, conversations::int, memberships::int, last_changed_run::int, changed_at > $1::timestamptz as later
       from ${schema}.exported_users order by user_id`,
        [changedAt?.changed_at],
      ),
    ).toEqual([
      { user_id: 'u1', conversations: 3, memberships: 3, last_changed_run: second.runId, later: true },
      { user_id: 'u2', conversations: 1, memberships: 1, last_changed_run: first.runId, later: false },
    ]);
  });

  test('a change of null to "" and of any other column is a change', async () => {
    const schema = ground.schema();
    await exportOnce(schema, [userWith('u1', ['p'])]);
    const changes = [
      { custom_mark: '' },
      { custom_mark: null },
      { standard_mark: '0001', is_starred: true },
      { source_updated_at: '2026-11-22T03:00:00Z' },
      { extra: '{"a":1}' },
      { extra: '{"a":2}' },
      {},
    ];
    for (const change of changes) {
      const { counts, runId } = await exportOnce(schema, [userWith('u1', ['p'], change)]);
      expect(counts).toMatchObject({ rowsWritten: 1, rowsRemoved: 0, unchanged: 0 });
      expect(await changedRuns(schema)).toEqual({ 'u1 p': runId });
    }
  });

  test('a run without any change writes nothing to the rows', async () => {
    const schema = ground.schema();
    const users = [
      userWith('u1', ['a', 'b']),
      userWith('u2', []),
      userWith('u3', ['c'], { custom_mark: 'x' }),
    ];
    await exportOnce(schema, users);
    const before = await snapshot(schema);
    const { counts } = await exportOnce(schema, users);
    expect(counts).toMatchObject({ exported: 3, unchanged: 3, rowsWritten: 0, rowsRemoved: 0 });
    expect(await snapshot(schema)).toEqual(before);
  });

  test('a user who is emptied loses every row and stays among the exported', async () => {
    const schema = ground.schema();
    await exportOnce(schema, [userWith('u1', ['a', 'b']), userWith('u2', ['a'])]);
    const { counts } = await exportOnce(schema, [userWith('u1', [])]);
    expect(counts).toMatchObject({ rowsWritten: 0, rowsRemoved: 5 });
    for (const table of ['conversations', 'contact_groups', 'memberships']) {
      expect(await ground.query(`select distinct user_id from ${schema}.${table}`)).toEqual([
        { user_id: 'u2' },
      ]);
    }
    expect(await ground.query(`select user_id from ${schema}.exported_users order by 1`)).toHaveLength(2);
  });

  test('a chunk touches the rows of its own users alone, and failed users keep theirs', async () => {
    const schema = ground.schema();
    await exportOnce(
      schema,
      ['u', 'u1', 'U1', 'v', 'w'].map((userId) => userWith(userId, ['a', 'b'])),
    );
    const before = await snapshot(schema, "user_id not in ('u1')");
    await exportOnce(schema, [userWith('u1', ['b'])], {
      unexported: [unexported('v', 'transient_error'), unexported('w', 'not_in_app')],
    });
    expect(await snapshot(schema, "user_id not in ('u1')")).toEqual(before);
    expect(await ground.query(`select peer_id from ${schema}.conversations where user_id = 'u1'`)).toEqual([
      { peer_id: 'b' },
    ]);
  });

  test('another app in the same schema, with the same users, is never touched', async () => {
    const schema = ground.schema();
    const other = app + 1;
    const ids = ['u1', 'u2', 'u3'];
    const inOther = ids.map((userId) => userWith(userId, ['a', 'b'], {}, other));
    await exportOnce(
      schema,
      ids.map((userId) => userWith(userId, ['a', 'b'])),
    );
    await exportOnce(schema, inOther, { sdkAppId: other });
    const before = await snapshot(schema, `sdk_app_id = ${other}`);
    const { counts } = await exportOnce(schema, [userWith('u1', ['b', 'c']), userWith('u2', [])], {
      unexported: [unexported('u3', 'not_in_app')],
      removeNotInApp: true,
    });
    expect(counts.rowsRemoved).toBe(2 + 5 + 5);
    expect(await snapshot(schema, `sdk_app_id = ${other}`)).toEqual(before);
    expect(
      await ground.query(`select user_id from ${schema}.exported_users where sdk_app_id = ${app} order by 1`),
    ).toEqual([{ user_id: 'u1' }, { user_id: 'u2' }]);
    const destination = await ground.open(schema, { sdkAppId: app + 2 });
    expect(await destination.lastRun('nightly')).toBeNull();
    expect(await destination.findRun(1)).toBeNull();
    await destination.close();
  });

  test('only users who are not in the app are removed, and only when asked', async () => {
    const schema = ground.schema();
    const users = ['u1', 'u2', 'u3'].map((userId) => userWith(userId, ['a']));
    const failures = [
      unexported('u1', 'not_in_app'),
      unexported('u2', 'api_error'),
      unexported('u3', 'invalid_page'),
    ];
    await exportOnce(schema, users);
    const before = await snapshot(schema);
    expect((await exportOnce(schema, [], { unexported: failures })).counts.rowsRemoved).toBe(0);
    expect(await snapshot(schema)).toEqual(before);
    const { counts } = await exportOnce(schema, [], { unexported: failures, removeNotInApp: true });
    expect(counts.rowsRemoved).toBe(3);
    for (const table of tables) {
      expect(await ground.query(`select user_id from ${schema}.${table} order by 1`)).toEqual([
        { user_id: 'u2' },
        { user_id: 'u3' },
      ]);
    }
    // One who comes back is new again.
    expect((await exportOnce(schema, users.slice(0, 1))).counts).toMatchObject({
      unchanged: 0,
      rowsWritten: 3,
    });
  });

  test.each(['as a new user', 'as a changed one'])('any value comes back as it was, %s', async (how) => {
    const schema = ground.schema();
    const values = [
      '',
      '\\N',
      '\\.',
      'a\tb',
      'a\nb',
      'a\r\nb',
      '\\',
      '\\\\n',
      'NULL',
      '"',
      "'",
      '{',
      '中𝄞',
      '\u0001',
      ' ',
      '\u2028',
    ];
    const users = values.map((value, i) =>
      userWith(`u${i}${value}`, [value === '' ? 'empty' : value], {
        standard_mark: value,
        custom_mark: value,
        is_folded: i % 2 === 0,
        is_hidden: null,
        source_updated_at: '2100-12-31T23:59:59Z',
        extra: JSON.stringify({ [value]: value, n: [1.5, null, true] }),
      }),
    );
    const failure = values.map((value, i) =>
      unexported(`x${i}`, 'api_error', { error_info: value, error_code: -i }),
    );
    if (how === 'as a changed one')
      await exportOnce(
        schema,
        users.map((user) => userWith(user.userId, ['other'])),
      );
    const { runId } = await exportOnce(schema, users, { unexported: failure });
    const rows = await ground.query(`select * from ${schema}.conversations`);
    const byUser = new Map(rows.map((row) => [row.user_id, row]));
    expect(byUser.size).toBe(values.length);
    for (const user of users) {
      const row = only(user.conversations);
      expect(byUser.get(user.userId)).toEqual({
        ...row,
        sdk_app_id: String(app),
        source_updated_at: new Date('2100-12-31T23:59:59Z'),
        extra: JSON.parse(row.extra ?? ''),
        last_changed_run: String(runId),
      });
    }
    const infos = await ground.query(
      `select error_info from ${schema}.unexported_users where run_id = $1 order by error_code desc`,
      [runId],
    );
    expect(infos.map((row) => row.error_info)).toEqual(values);
  });

  test('whole numbers of 64 bits keep every digit', async () => {
    const schema = ground.schema();
    const id = '9223372036854775807';
    const user = userWith('u1', ['a']);
    await exportOnce(schema, [
      {
        ...user,
        contactGroups: user.contactGroups.map((row) => ({ ...row, contact_group_id: id })),
        memberships: user.memberships.map((row) => ({ ...row, contact_group_id: id })),
      },
    ]);
    expect(await ground.query(`select contact_group_id from ${schema}.memberships`)).toEqual([
      { contact_group_id: id },
    ]);
  });

  test('a finished run keeps counts but no user lists', async () => {
    const schema = ground.schema();
    const { runId } = await exportOnce(schema, [userWith('u1', ['a'])]);
    const [chunk] = await ground.query(
      `select user_ids, deferred, user_count, counts->>'exported' as exported, committed_at is not null as committed
     from ${schema}.run_chunks where run_id = $1`,
      [runId],
    );
    expect(chunk).toEqual({ user_ids: null, deferred: null, user_count: 1, exported: '1', committed: true });
  });
});
