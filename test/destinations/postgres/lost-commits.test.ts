import { expect, test } from 'vitest';
import type { RunRecord, RunWriter } from '../../../src/destinations/contract/destination.ts';
import { DestinationError } from '../../../src/destinations/contract/destination-error.ts';
import { describeServers } from '../../support/servers.ts';
import { all, commitAll, finish, newRun, resultOf, unexported, userIds } from '../samples.ts';
import { PostgresGround } from './ground.ts';

describeServers('commits that the database loses', (server) => {
  const ground = new PostgresGround(server);
  const tables = [
    'runs',
    'run_chunks',
    'run_attempts',
    'unexported_users',
    'exported_users',
    'conversations',
    'contact_groups',
    'memberships',
  ];

  /** Copies the present content of a schema's tables. The returned function puts it back, like a restore of the database. */
  async function snapshot(schema: string): Promise<() => Promise<void>> {
    const kept = `${ground.schema()}_kept`;
    await ground.query(`create schema ${kept}`);
    for (const table of tables) {
      await ground.query(`create table ${kept}.${table} as table ${schema}.${table}`);
    }
    return async () => {
      const back = tables.map((table) =>
        table === 'runs'
          ? `insert into ${schema}.runs overriding system value table ${kept}.runs`
          : `insert into ${schema}.${table} table ${kept}.${table}`,
      );
      await ground.query(
        `begin; truncate ${tables.map((table) => `${schema}.${table}`).join(', ')}; ${back.join('; ')}; commit`,
      );
    };
  }

  /** The steps of a run of six users: one is deferred, a stop leaves one, and one fails. */
  const steps: readonly (readonly [name: string, step: (run: RunWriter) => Promise<unknown>])[] = [
    ['the plan', async () => {}],
    ['a chunk', (run) => commitOne(run, 1, () => ({}))],
    ['a chunk with users put off', (run) => commitOne(run, 1, () => ({ deferred: ['u3'] }))],
    ['a part of a chunk', (run) => commitOne(run, 1, () => ({ remaining: ['u6'] }))],
    ['the rest of it', (run) => commitOne(run, 1, () => ({}))],
    ['the plan of the second pass', (run) => run.planSecondPass()],
    [
      'a chunk of the second pass',
      (run) => commitOne(run, 2, () => ({ unexported: [unexported('u3', 'transient_error')] })),
    ],
    ['the end of the run', (run) => finish(run)],
  ];

  async function commitOne(run: RunWriter, pass: 1 | 2, parts: () => Parameters<typeof resultOf>[2]) {
    const [chunk] = await all(run.openChunks(pass));
    if (chunk === undefined) throw new Error(`no chunk is open in pass ${pass}`);
    await run.commit(resultOf(run, chunk, parts()));
  }

  /** Goes through a run as `pullRun` does: until its ledger has all of the plan. */
  async function complete(run: RunWriter): Promise<{ readonly record: RunRecord; readonly rounds: number }> {
    for (let rounds = 1; ; rounds += 1) {
      await commitAll(run, 1);
      await run.planSecondPass();
      await commitAll(run, 2);
      const end = await run.finish();
      if (end.kind === 'finished') return { record: end.record, rounds };
    }
  }

  const pairs = steps.flatMap(([kept], to) =>
    steps.slice(to + 1).map(([last], more) => ({ kept, to, last, at: to + 1 + more })),
  );

  test.each(pairs)(
    'are made good by pulling again when $last is committed and $kept is the last that stays',
    async ({ to, at }) => {
      const schema = ground.schema();
      const destination = await ground.open(schema);
      const run = await destination.begin(newRun(6, 2), [userIds(6)]);
      let restore = async (): Promise<void> => {};
      for (const [i, [, step]] of steps.slice(0, at + 1).entries()) {
        await step(run);
        if (i === to) restore = await snapshot(schema);
      }
      await restore();
      const { record } = await complete(run);
      const settled = record.counts.exported + record.counts.failed;
      expect([record.status, settled, record.runId]).toEqual(['finished', 6, run.record.runId]);
      const users = await ground.query(
        `select user_id from ${schema}.exported_users union all select user_id from ${schema}.unexported_users order by 1`,
      );
      expect(users.map((row) => row.user_id)).toEqual(userIds(6));
      expect(await ground.query(`select from ${schema}.conversations`)).toHaveLength(record.counts.exported);
      await destination.close();
    },
  );

  test('are not taken for the end of the run: a lost chunk is open again, and the counts are those of the ledger', async () => {
    const schema = ground.schema();
    const destination = await ground.open(schema);
    const run = await destination.begin(newRun(4, 2), [userIds(4)]);
    const restore = await snapshot(schema);
    await commitAll(run);
    await restore();
    const [first] = await all(run.openChunks(1));
    if (first === undefined) throw new Error('two chunks');
    await run.commit(resultOf(run, first));
    expect(await run.finish()).toMatchObject({
      kind: 'incomplete',
      committed: { usersDone: 2, counts: { exported: 2, rowsWritten: 6 } },
    });
    await commitAll(run);
    expect(await finish(run)).toMatchObject({ counts: { exported: 4, rowsWritten: 12 } });
    await destination.close();
  });

  test('take along no second pass: it is planned when all of the first pass is there', async () => {
    const schema = ground.schema();
    const destination = await ground.open(schema);
    const run = await destination.begin(newRun(4, 2), [userIds(4)]);
    await commitOne(run, 1, () => ({ deferred: ['u1'] }));
    await run.planSecondPass();
    expect(await all(run.openChunks(2))).toEqual([]);
    await commitOne(run, 1, () => ({ deferred: ['u3'] }));
    await run.planSecondPass();
    expect((await all(run.openChunks(2))).map(({ userIds: ids }) => ids)).toEqual([['u1', 'u3']]);
    await destination.close();
  });

  test('may take along the second pass that is under way: its chunks write nothing, and are planned again', async () => {
    const schema = ground.schema();
    const destination = await ground.open(schema);
    const run = await destination.begin(newRun(4, 2), [userIds(4)]);
    await commitOne(run, 1, () => ({ deferred: ['u1'] }));
    await commitOne(run, 1, () => ({}));
    const restore = await snapshot(schema);
    await run.planSecondPass();
    const [chunk] = await all(run.openChunks(2));
    if (chunk === undefined) throw new Error('a chunk of the second pass');
    await restore();
    const gone = unexported('u1', 'transient_error');
    expect(await run.commit(resultOf(run, chunk, { unexported: [gone] }))).toBeNull();
    expect(await ground.query(`select from ${schema}.unexported_users`)).toEqual([]);
    expect(await run.finish({ prune: true })).toMatchObject({
      kind: 'incomplete',
      committed: { usersDone: 3, counts: { exported: 3 } },
    });
    const { record, rounds } = await complete(run);
    expect([record.status, record.counts.exported, rounds]).toEqual(['finished', 4, 1]);
    await destination.close();
  });

  test.each([
    ['a chunk of its plan is gone', 'delete from SCHEMA.run_chunks where chunk = 1'],
    ['a committed chunk has no counts', `update SCHEMA.run_chunks set counts = '{}' where chunk = 1`],
  ])('differ from damage: a run is refused when %s', async (_, sql) => {
    const schema = ground.schema();
    const destination = await ground.open(schema);
    const run = await destination.begin(newRun(4, 2), [userIds(4)]);
    await commitAll(run);
    await ground.query(sql.replace('SCHEMA', schema));
    const error = await run.finish({ prune: true }).catch((caught: unknown) => caught);
    expect(error).toBeInstanceOf(DestinationError);
    expect(String(error)).toMatch(/the ledger of run 1 accounts for 2 of 4 users.*start over with --fresh/);
    expect(await ground.query(`select from ${schema}.exported_users`)).toHaveLength(4);
    await destination.close();
  });

  test('are not asked for: the sessions of a run wait for the disk where the server does not, and stay stricter where it is', async () => {
    const settings: string[] = [];
    for (const level of ['off', 'local', 'on', 'remote_write', 'remote_apply']) {
      const schema = ground.schema();
      const url = `${ground.url}${ground.url.includes('?') ? '&' : '?'}options=${encodeURIComponent(`-c synchronous_commit=${level}`)}`;
      const destination = await ground.open(schema, { url });
      await ground.query(`create table ${schema}.seen (setting text)`);
      await ground.query(
        `create function ${schema}.note() returns trigger language plpgsql as
         $$ begin insert into ${schema}.seen values (current_setting('synchronous_commit')); return new; end $$`,
      );
      await ground.query(
        `create trigger note after insert on ${schema}.exported_users for each statement execute function ${schema}.note()`,
      );
      const run = await destination.begin(newRun(1, 1), [['u1']]);
      await commitAll(run);
      await destination.close();
      const [row] = await ground.query(`select setting from ${schema}.seen`);
      settings.push(`${level}: ${row?.setting}`);
    }
    expect(settings).toEqual([
      'off: on',
      'local: on',
      'on: on',
      'remote_write: remote_write',
      'remote_apply: remote_apply',
    ]);
  });
});
