import { expect, test } from 'vitest';
import { LockLost } from '../../../src/destinations/contract/destination-error.ts';
import type { PostgresOptions } from '../../../src/destinations/postgres/postgres-destination.ts';
import { describeServers } from '../../support/servers.ts';
import { all, app, commitAll, finish, newRun, resultOf, userIds } from '../samples.ts';
import { PostgresGround } from './ground.ts';
import { Relay } from './relay.ts';

describeServers("a lock whose session has ended without the run's knowledge", (server) => {
  const ground = new PostgresGround(server);

  const isLocked = (schema: string) =>
    ground.query(
      `select from pg_locks, (select hashtextextended('chat-export:' || $1 || ':' || $2, 0) as key) k
       where locktype = 'advisory' and granted and (classid::bigint << 32) | objid::bigint = k.key`,
      [schema, String(app)],
    );

  /** A run of three chunks of which one is committed. */
  async function opened(change: Partial<PostgresOptions> = {}) {
    const relay = await Relay.start(ground.url);
    const schema = ground.schema();
    const notices: string[] = [];
    const events = { onOutage: () => {}, onNotice: (message: string) => void notices.push(message) };
    const destination = await ground.open(schema, { url: relay.url, events, ...change });
    const run = await destination.begin(newRun(3, 1), [userIds(3)]);
    const [first, ...rest] = await all(run.openChunks(1));
    if (first === undefined) throw new Error('three chunks');
    await run.commit(resultOf(run, first));
    const end = async () => {
      await destination.close();
      await relay.down();
    };
    return { schema, relay, notices, destination, run, rest, end };
  }

  /** The same when the session with the lock is gone. */
  async function unlocked() {
    const state = await opened();
    state.relay.endUnnoticed('run');
    while ((await isLocked(state.schema)).length > 0);
    return state;
  }

  /** Another session holds the app's lock, as the run of another job on another machine does. */
  async function taker(schema: string) {
    const other = await ground.connect();
    await other.query("select pg_advisory_lock(hashtextextended('chat-export:' || $1 || ':' || $2, 0))", [
      schema,
      String(app),
    ]);
    return other;
  }

  test.each<[string, (of: Awaited<ReturnType<typeof unlocked>>) => Promise<unknown>]>([
    ['commits no chunk', async ({ run, rest: [next] }) => next && run.commit(resultOf(run, next))],
    ['plans no second pass', ({ run }) => run.planSecondPass()],
    ['does not finish', ({ run }) => run.finish({ prune: true })],
    ['begins no other run', ({ destination }) => destination.begin(newRun(1, 1), [['u9']])],
    ['abandons no run', ({ destination, run }) => destination.abandon(run.record)],
  ])('%s once another has taken the lock', async (_, work) => {
    const state = await unlocked();
    const other = await taker(state.schema);
    const before = await ground.query(`select xmin::text, * from ${state.schema}.runs`);
    await expect(work(state)).rejects.toThrow(LockLost);
    expect(await ground.query(`select user_id from ${state.schema}.exported_users`)).toEqual([
      { user_id: 'u1' },
    ]);
    expect(await ground.query(`select xmin::text, * from ${state.schema}.runs`)).toEqual(before);
    // It ends permanently: later work fails at once.
    await expect(state.run.planSecondPass()).rejects.toThrow(LockLost);
    await other.end();
    await state.end();
  });

  test('is taken again if it is free, and the run continues', async () => {
    const { schema, notices, run, end } = await unlocked();
    await commitAll(run);
    expect(await isLocked(schema)).toHaveLength(1);
    expect(await finish(run)).toMatchObject({ status: 'finished', attempts: 1, counts: { exported: 3 } });
    expect(notices).toEqual([expect.stringMatching(/the connection was lost and made again/)]);
    await end();
  });

  test('keeps the next holder waiting for a commit in progress, and commits nothing after that', async () => {
    const { schema, relay, run, rest, end } = await opened({ maxOutageMs: 0 });
    const [next, last] = rest;
    if (next === undefined || last === undefined) throw new Error('three chunks');
    const blocker = await ground.connect();
    await blocker.query(`begin; select from ${schema}.run_chunks where chunk = ${next.number} for update`);
    const committing = run.commit(resultOf(run, next));
    await untilWaiting('update');
    relay.endUnnoticed('run');
    while ((await isLocked(schema)).length > 0);
    const opening = ground.open(schema);
    await untilWaiting('select pg_advisory_xact_lock');
    await blocker.query('commit');
    await committing;
    const successor = await opening;
    await expect(run.commit(resultOf(run, last))).rejects.toThrow(LockLost);
    expect(await ground.query(`select user_id from ${schema}.exported_users order by 1`)).toEqual([
      { user_id: 'u1' },
      { user_id: 'u2' },
    ]);
    await successor.close();
    await blocker.end();
    await end();
  });

  async function untilWaiting(statement: string): Promise<void> {
    for (;;) {
      const waiting = await ground.query(
        `select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'
         and query like $1 || '%'`,
        [statement],
      );
      if (waiting.length > 0) return;
    }
  }
});
