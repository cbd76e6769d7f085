import { expect, test, vi } from 'vitest';
import type { RunCounts } from '../../../src/destinations/contract/counts.ts';
import type { DestinationEvents } from '../../../src/destinations/contract/destination.ts';
import { DestinationError, LockLost } from '../../../src/destinations/contract/destination-error.ts';
import { PostgresArchive } from '../../../src/destinations/postgres/read/postgres-archive.ts';
import type { UserRows } from '../../../src/rows/normalize.ts';
import { describeServers } from '../../support/servers.ts';
import { all, commitOf, finish, newRun, only, resultOf, unexported, userIds, userWith } from '../samples.ts';
import { PostgresGround } from './ground.ts';
import { Relay } from './relay.ts';

describeServers('a lost connection', (server) => {
  const ground = new PostgresGround(server);

  const silent: DestinationEvents = { onOutage: () => {}, onNotice: () => {} };

  async function oneChunk(maxOutageMs = 20_000, events = silent) {
    const schema = ground.schema();
    const destination = await ground.open(schema, { maxOutageMs, events });
    const run = await destination.begin(newRun(3, 3), [userIds(3)]);
    const chunk = only(await all(run.openChunks(1)));
    const expectCommittedOnce = async () => {
      expect(await ground.query(`select user_id from ${schema}.exported_users order by 1`)).toHaveLength(3);
      expect(await ground.query(`select from ${schema}.conversations`)).toHaveLength(3);
      expect(await all(run.openChunks(1))).toEqual([]);
      expect(await destination.lastRun('nightly')).toMatchObject({ attempts: 1 });
    };
    return { schema, destination, run, chunk, expectCommittedOnce };
  }

  /** Locks a table so that other sessions wait for it; resolves once one does. */
  async function blocking(lock: string) {
    const blocker = await ground.connect();
    await blocker.query(`begin; lock table ${lock}`);
    return {
      untilWaiting: async () => {
        for (;;) {
          const waiting = await ground.query(
            `select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`,
          );
          if (waiting.length > 0) return;
        }
      },
      end: () => blocker.end(),
    };
  }

  test('a commit whose connection was lost before it is done over a new one', async () => {
    const { destination, run, chunk, expectCommittedOnce } = await oneChunk();
    expect(await ground.terminate('writer')).toBe(1);
    expect(await run.commit(resultOf(run, chunk))).toMatchObject({ rowsWritten: 9 });
    await expectCommittedOnce();
    await destination.close();
  });

  test.each(['runs', 'exported_users', 'conversations', 'memberships', 'unexported_users', 'run_chunks'])(
    'a commit whose connection is lost while it waits for %s is done once',
    async (table) => {
      const { schema, destination, run, chunk, expectCommittedOnce } = await oneChunk();
      const blocker = await blocking(`${schema}.${table} in access exclusive mode`);
      const failed = [unexported('u9', 'invalid_page')];
      const committing = run.commit({ ...resultOf(run, chunk), unexported: failed });
      await blocker.untilWaiting();
      expect(await ground.terminate('writer')).toBe(1);
      await blocker.end();
      expect(await committing).toMatchObject({ exported: 3, rowsWritten: 9, unchanged: 0 });
      await expectCommittedOnce();
      await destination.close();
    },
  );

  test('a commit that arrived but whose answer was lost is not done again', async () => {
    const relay = await Relay.start(ground.url);
    const schema = ground.schema();
    const destination = await ground.open(schema, { url: relay.url });
    const run = await destination.begin(newRun(3, 3), [userIds(3)]);
    const chunk = only(await all(run.openChunks(1)));
    let swallowed = 0;
    let places: unknown;
    relay.swallows = (answer) => {
      if (!answer.includes('COMMIT\0') || swallowed > 0) return false;
      swallowed += 1;
      places = ground.query(`select ctid, xmin::text from ${schema}.conversations order by 1`);
      return true;
    };
    expect(await run.commit(resultOf(run, chunk))).toMatchObject({ rowsWritten: 9, unchanged: 0 });
    expect(swallowed).toBe(1);
    expect(await ground.query(`select ctid, xmin::text from ${schema}.conversations order by 1`)).toEqual(
      await places,
    );
    expect(await places).toHaveLength(3);
    // The same at the end of the run.
    await run.planSecondPass();
    swallowed = 0;
    expect(await finish(run)).toMatchObject({ status: 'finished', attempts: 1 });
    expect(swallowed).toBe(1);
    await destination.close();
    await relay.down();
  });

  test('a run whose start was committed but whose answer was lost starts once', async () => {
    const relay = await Relay.start(ground.url);
    const schema = ground.schema();
    const destination = await ground.open(schema, { url: relay.url });
    let swallowed = 0;
    relay.swallows = (answer) => {
      if (!answer.includes('COMMIT\0') || swallowed > 0) return false;
      swallowed += 1;
      return true;
    };
    const run = await destination.begin(newRun(3, 2), [userIds(3)]);
    expect(swallowed).toBe(1);
    expect(await ground.query(`select run_id::int, attempts, status from ${schema}.runs`)).toEqual([
      { run_id: run.record.runId, attempts: 1, status: 'running' },
    ]);
    expect(await ground.query(`select from ${schema}.run_chunks`)).toHaveLength(2);
    expect(await all(run.openChunks(1))).toHaveLength(2);
    await destination.close();
    await relay.down();
  });

  test('a connection lost at any moment of many commits loses nothing and repeats nothing', async () => {
    const schema = ground.schema();
    const destination = await ground.open(schema);
    const count = 120;
    const run = await destination.begin(newRun(count, 2), [userIds(count)]);
    const big = (userId: string): UserRows => userWith(userId, userIds(40));
    const chunks = await all(run.openChunks(1));
    const counts: RunCounts[] = [];
    let kills = 0;
    for (let round = 0; round < 12; round += 1) {
      const commits = chunks
        .slice(round * 5, round * 5 + 5)
        .map((chunk) => commitOf(run, resultOf(run, chunk, { exported: chunk.userIds.map(big) })));
      for (let delay = 0; delay < round; delay += 1) await ground.query('select 1');
      kills += await ground.terminate(round % 3 === 2 ? 'run' : 'writer');
      counts.push(...(await Promise.all(commits)));
    }
    expect(kills).toBeGreaterThan(5);
    expect(counts.map((of) => [of.rowsWritten, of.unchanged])).toEqual(chunks.map(() => [2 * 81, 0]));
    expect(await ground.query(`select from ${schema}.conversations`)).toHaveLength(count * 40);
    expect(await ground.query(`select from ${schema}.exported_users`)).toHaveLength(count);
    await finish(run);
    await destination.close();
  });

  test('planning the second pass and finishing survive a lost connection', async () => {
    const { schema, destination, run, chunk } = await oneChunk();
    await run.commit(resultOf(run, chunk, { deferred: ['u2', 'u3'] }));
    await ground.terminate('writer');
    await run.planSecondPass();
    await ground.terminate('run');
    const second = only(await all(run.openChunks(2)));
    expect(second.userIds).toEqual(['u2', 'u3']);
    await run.commit(resultOf(run, second));
    const finished = await finish(run);
    await ground.terminate('writer');
    expect(await finish(run)).toEqual(finished);
    expect(await ground.query(`select from ${schema}.exported_users`)).toHaveLength(3);
    await destination.close();
  });

  test('a run takes again the lock that the end of its connection released, and continues', async () => {
    const { schema, destination, run, chunk, expectCommittedOnce } = await oneChunk();
    expect(await ground.terminate('run')).toBe(1);
    await run.commit(resultOf(run, chunk));
    await expect(ground.open(schema)).rejects.toThrow(/another run of app/);
    const place = { url: ground.url, name: 'postgres://test', schema, caFile: null };
    const archive = await PostgresArchive.open(place);
    const [listed] = await archive.runs({ sdkAppId: null, job: null }, 1);
    expect(listed && (await archive.atWork(listed))).toContain(`process ${process.pid} on `);
    await archive.close();
    await expectCommittedOnce();
    await destination.close();
  });

  test('a run whose lock another has taken meanwhile stops and writes nothing', async () => {
    const outages: unknown[] = [];
    const { schema, destination, run, chunk } = await oneChunk(0, {
      ...silent,
      onOutage: (outage) => outages.push(outage),
    });
    // The other one is quicker: it waits for the lock in the database itself.
    const other = await ground.connect();
    const taken = other.query(
      "select pg_advisory_lock(hashtextextended('chat-export:' || $1 || ':' || $2, 0))",
      [schema, String(run.record.sdkAppId)],
    );
    await ground.terminate('run');
    await taken;
    const error = await run.commit(resultOf(run, chunk)).catch((caught: unknown) => caught);
    expect(error).toBeInstanceOf(LockLost);
    expect(await ground.query(`select from ${schema}.exported_users`)).toEqual([]);
    // Nothing is unavailable, so nothing is awaited.
    expect(outages).toEqual([]);
    await other.end();
    await destination.close();
  });

  test('a database that becomes unavailable is awaited, and reported when it has recovered', async () => {
    const relay = await Relay.start(ground.url);
    const outages: string[] = [];
    let seen = (): void => {};
    const noticed = new Promise<void>((resolve) => {
      seen = resolve;
    });
    const onOutage: DestinationEvents['onOutage'] = (outage) => {
      outages.push(outage === null ? 'back' : String(outage.cause));
      seen();
    };
    const schema = ground.schema();
    const destination = await ground.open(schema, { url: relay.url, events: { ...silent, onOutage } });
    const run = await destination.begin(newRun(3, 3), [userIds(3)]);
    const chunk = only(await all(run.openChunks(1)));
    await relay.down();
    const committing = run.commit(resultOf(run, chunk));
    await noticed;
    await relay.up();
    expect(await committing).toMatchObject({ rowsWritten: 9 });
    expect(outages).toEqual([expect.stringContaining('ECONNREFUSED'), 'back']);
    expect(await destination.lastRun('nightly')).toMatchObject({ attempts: 1, status: 'running' });
    await destination.close();
    await relay.down();
  });

  test('a database that stays away ends the run after the outage allowed', async () => {
    const relay = await Relay.start(ground.url);
    const schema = ground.schema();
    let outages = 0;
    const onOutage = (): void => {
      outages += 1;
    };
    const events = { ...silent, onOutage };
    const destination = await ground.open(schema, { url: relay.url, maxOutageMs: 0, events });
    const run = await destination.begin(newRun(3, 3), [userIds(3)]);
    const chunk = only(await all(run.openChunks(1)));
    await relay.down();
    const failing = [
      run.commit(resultOf(run, chunk)),
      run.commit(resultOf(run, chunk)),
      run.planSecondPass(),
    ];
    for (const outcome of await Promise.allSettled(failing)) {
      if (outcome.status === 'fulfilled') throw new Error('it was done');
      expect(outcome.reason).toBeInstanceOf(DestinationError);
      expect(String(outcome.reason)).toMatch(/did not recover within 0 s; postgres:\/\/test: .*ECONNREFUSED/);
    }
    // Work behind the first does not wait as long again.
    expect(outages).toBe(1);
    await destination.close();
    // The next attempt commits all that there is; the server may not have noticed the lost connection yet.
    const next = await vi.waitFor(() => ground.open(schema), 60_000);
    const last = await next.lastRun('nightly');
    if (last === null) throw new Error('there is no run');
    const again = await next.resume(last);
    expect(await all(again.openChunks(1))).toEqual([chunk]);
    await next.close();
  });
});
