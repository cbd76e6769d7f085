import { expect, test } from 'vitest';
import { DestinationError, LockLost } from '../../../src/destinations/contract/destination-error.ts';
import { countStart } from '../../../src/destinations/postgres/ledger/run-rows.ts';
import { schemaTables } from '../../../src/destinations/postgres/schema/schema-tables.ts';
import { describeServers } from '../../support/servers.ts';
import { all, newRun, resultOf, timelineOf, userIds } from '../samples.ts';
import { PostgresGround } from './ground.ts';

describeServers('fencing', (server) => {
  const ground = new PostgresGround(server);

  /** A run with one of two chunks committed, and the content of its tables. */
  async function halfWay() {
    const schema = ground.schema();
    const destination = await ground.open(schema);
    const run = await destination.begin(newRun(2, 1), [userIds(2)]);
    const [first, second] = await all(run.openChunks(1));
    if (first === undefined || second === undefined) throw new Error('two chunks');
    await run.commit(resultOf(run, first, { deferred: ['u1'] }));
    const content = async () => {
      const found: unknown[] = [];
      for (const table of ['runs', 'run_chunks', 'exported_users', 'conversations', 'memberships']) {
        found.push(await ground.query(`select ctid, xmin::text, * from ${schema}.${table} order by 1, 2`));
      }
      return found;
    };
    return { schema, destination, run, second, content };
  }

  const client = () => ground.connect();

  test.each([
    [
      'another attempt has resumed it',
      async (schema: string, runId: number) => {
        const other = await client();
        await countStart(other, schemaTables(schema), runId);
        await other.end();
      },
    ],
    [
      'it was closed as abandoned',
      async (schema: string, runId: number) =>
        void (await ground.query(`update ${schema}.runs set status = 'abandoned' where run_id = $1`, [
          runId,
        ])),
    ],
    [
      // As after a restore to a state before ours, after which another run started.
      'another attempt has resumed it',
      async (schema: string, runId: number) =>
        void (await ground.query(
          `update ${schema}.runs set last_attempt_at = last_attempt_at + interval '1 microsecond' where run_id = $1`,
          [runId],
        )),
    ],
  ])('nothing is written for a run when %s', async (said, happen) => {
    const { schema, destination, run, second, content } = await halfWay();
    await happen(schema, run.record.runId);
    const before = await content();
    const error = await run.commit(resultOf(run, second)).catch((caught: unknown) => caught);
    expect(error).toBeInstanceOf(LockLost);
    expect(String(error)).toContain(said);
    await expect(run.planSecondPass()).rejects.toThrow(LockLost);
    await expect(run.finish()).rejects.toThrow(LockLost);
    await run.stop({ stopReason: 'why', error: null });
    expect(await content()).toEqual(before);
    await destination.close();
  });

  test.each([
    [
      'the run is gone',
      (schema: string) => `delete from ${schema}.runs`,
      /run 1 is no longer in the database: .*restored.*run the same command again/,
    ],
    [
      'this attempt is not known',
      (schema: string) => `update ${schema}.runs set attempts = 0, last_attempt_at = started_at`,
      /run 1 is at attempt 0, and this is attempt 1: .*restored.*run the same command again/,
    ],
  ])('nothing is written for a run in a database that was restored to when %s', async (_, sql, said) => {
    const { schema, destination, run, second, content } = await halfWay();
    await ground.query(sql(schema));
    const before = await content();
    for (const work of [
      () => run.commit(resultOf(run, second)),
      () => run.planSecondPass(),
      () => run.earlier?.usersNotInPlan(),
      () => run.finish({ prune: true }),
    ]) {
      const error = await Promise.resolve(work()).catch((caught: unknown) => caught);
      expect(error).toBeInstanceOf(DestinationError);
      expect(String(error)).toMatch(said);
    }
    await run.stop({ stopReason: 'why', error: null }, timelineOf(1));
    await run.saveTimeline(timelineOf(1));
    expect(await content()).toEqual(before);
    expect(await ground.query(`select from ${schema}.run_attempts`)).toEqual([]);
    await destination.close();
  });

  test('an attempt that resumes waits for the commit of the one before, and counts it', async () => {
    const { schema, destination, run, second } = await halfWay();
    // The first attempt's commit holds still before its end: the row that it is to write is held by another transaction.
    const blocker = await client();
    await blocker.query('begin');
    await blocker.query(`select from ${schema}.run_chunks where run_id = $1 and chunk = 2 for update`, [
      run.record.runId,
    ]);
    const committing = run.commit(resultOf(run, second));
    await untilWaiting('update');
    const other = await client();
    const counted = countStart(other, schemaTables(schema), run.record.runId);
    await untilWaiting('update', 2);
    await blocker.query('commit');
    await committing;
    expect((await counted)?.record.attempts).toBe(2);
    await blocker.end();
    await other.end();
    expect(await ground.query(`select user_id from ${schema}.exported_users order by 1`)).toEqual([
      { user_id: 'u2' },
    ]);
    await expect(run.planSecondPass()).rejects.toThrow(LockLost);
    await destination.close();
  });

  /** Waits until so many statements wait for a lock. */
  async function untilWaiting(statement: string, count = 1): Promise<void> {
    for (;;) {
      const waiting = await ground.query(
        `select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'
       and query like $1 || '%'`,
        [statement],
      );
      if (waiting.length >= count) return;
    }
  }

  test('a run that is over cannot be resumed', async () => {
    const { destination, run } = await halfWay();
    await destination.abandon(run.record);
    await expect(destination.resume(run.record)).rejects.toThrow(LockLost);
    await destination.close();
  });

  test('abandoning keeps what was committed and drops the user lists', async () => {
    const { schema, destination, run } = await halfWay();
    await destination.abandon(run.record);
    expect(await destination.lastRun('nightly')).toMatchObject({
      status: 'abandoned',
      counts: { exported: 0 },
    });
    expect(await ground.query(`select user_ids, deferred from ${schema}.run_chunks`)).toEqual(
      Array(2).fill({ user_ids: null, deferred: null }),
    );
    await destination.close();
  });
});
