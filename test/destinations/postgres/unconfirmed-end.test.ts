import { expect, test } from 'vitest';
import { AbortedByStop, DestinationError } from '../../../src/destinations/contract/destination-error.ts';
import { describeServers } from '../../support/servers.ts';
import { app, commitAll, finish, newRun, userIds } from '../samples.ts';
import { PostgresGround } from './ground.ts';

describeServers('the end of a run', (server) => {
  const ground = new PostgresGround(server);

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

  test.each([
    ['is not taken for a stop that nobody asked for', false],
    ['is that of a stop where one was asked for', true],
  ])('that cannot be read again in time, after the lock was lost, %s', async (_, isStopped) => {
    const schema = ground.schema();
    const stop = new AbortController();
    const destination = await ground.open(schema, { keepRuns: 1, stop: stop.signal });
    const first = await destination.begin(newRun(1, 1), [userIds(1)]);
    await commitAll(first);
    await finish(first);
    const run = await destination.begin(newRun(1, 1), [userIds(1)]);
    await commitAll(run);
    // The first run is to be removed when the second is finished, and a lock prevents it until then.
    const blocker = await ground.connect();
    await blocker.query(`begin; select from ${schema}.runs where run_id = ${first.record.runId} for update`);
    const finishing = run.finish().catch((error: unknown) => error);
    await untilWaiting('delete from');
    await blocker.query(`select from ${schema}.runs where run_id = ${run.record.runId} for update`);
    const taker = await ground.connect();
    const taken = taker.query(
      "select pg_advisory_lock(hashtextextended('chat-export:' || $1 || ':' || $2, 0))",
      [schema, String(app)],
    );
    await untilWaiting('select pg_advisory_lock');
    await ground.terminate('run');
    await taken;
    if (isStopped) stop.abort('SIGTERM');
    const error = await finishing;
    expect(error).toBeInstanceOf(DestinationError);
    expect(error instanceof AbortedByStop).toBe(isStopped);
    if (!isStopped) {
      expect(String(error)).toMatch(
        /run 2 may be finished, but this could not be confirmed: .*run chat-export verify when the database has recovered/,
      );
    }
    await blocker.end();
    await taker.end();
    await destination.close();
  });
});
