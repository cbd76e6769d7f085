import { expect, test } from 'vitest';
import { describeServers } from '../../../support/servers.ts';
import {
  all,
  app,
  commitAll,
  finish,
  newRun,
  only,
  resultOf,
  timelineOf,
  unexported,
  userIds,
  userWith,
} from '../../samples.ts';
import { PostgresGround } from '../ground.ts';

describeServers('the runs that are kept', (server) => {
  const ground = new PostgresGround(server);

  type ExportOptions = {
    readonly keepRuns?: number;
    readonly failing?: readonly string[];
    readonly job?: string;
    readonly sdkAppId?: number;
    readonly retryOfRun?: number | null;
    /** So many users come behind `--limit`. */
    readonly beyondLimit?: number;
    readonly end?: 'finish' | 'abandon' | 'leave';
  };

  /** A run of u1 to u4. @returns the run's number */
  async function exportOnce(schema: string, how: ExportOptions = {}): Promise<number> {
    const {
      keepRuns = 90,
      failing = [],
      job = 'nightly',
      sdkAppId = app,
      retryOfRun = null,
      beyondLimit = 0,
      end = 'finish',
    } = how;
    const destination = await ground.open(schema, { sdkAppId, keepRuns });
    const run = await destination.begin(
      newRun(4, 4, { sdkAppId, job, retryOfRun, list: { ...newRun(4, 4).list, beyondLimit } }),
      [userIds(4)],
    );
    const failed = failing.map((userId) => ({
      ...unexported(userId, 'api_error'),
      sdk_app_id: sdkAppId,
    }));
    const exported = userIds(4)
      .filter((userId) => !failing.includes(userId))
      .map((userId) => userWith(userId, ['peer'], {}, sdkAppId));
    const chunk = only(await all(run.openChunks(1)));
    await run.commit(resultOf(run, chunk, { exported, unexported: failed }));
    await run.saveTimeline(timelineOf(1));
    if (end === 'finish') await finish(run);
    if (end === 'abandon') await destination.abandon(run.record);
    await destination.close();
    return run.record.runId;
  }

  const numbers = async (schema: string, table: string): Promise<number[]> =>
    (await ground.query(`select distinct run_id::int from ${schema}.${table} order by 1`)).map((row) =>
      Number(row.run_id),
    );

  test('are the newest of the app and job, with plan, ledger and unexported users; rows stay', async () => {
    const schema = ground.schema();
    const failing = ['u4'];
    const old = [
      await exportOnce(schema, { failing }),
      await exportOnce(schema, { failing, end: 'abandon' }),
    ];
    const others = [
      await exportOnce(schema, { job: 'weekly', failing }),
      await exportOnce(schema, { sdkAppId: app + 1, failing }),
    ];
    const rows = () =>
      ground.query(
        `select ctid, xmin::text, user_id, last_changed_run from ${schema}.conversations order by 1`,
      );
    const before = await rows();
    const kept = [await exportOnce(schema, { failing }), await exportOnce(schema, { failing, keepRuns: 2 })];
    for (const table of ['runs', 'run_chunks', 'run_attempts', 'unexported_users'])
      expect(await numbers(schema, table)).toEqual([...others, ...kept].sort((a, b) => a - b));
    expect(await numbers(schema, 'runs')).not.toContain(old[0]);
    expect(await rows()).toEqual(before);
    expect(before.map((row) => Number(row.last_changed_run))).toContain(old[0]);
  });

  test('are all of them while there are no more than asked for, and the last alone with 1', async () => {
    const schema = ground.schema();
    const three = [
      await exportOnce(schema),
      await exportOnce(schema),
      await exportOnce(schema, { keepRuns: 3 }),
    ];
    expect(await numbers(schema, 'runs')).toEqual(three);
    const last = await exportOnce(schema, { keepRuns: 1 });
    expect(await numbers(schema, 'runs')).toEqual([last]);
  });

  test('are runs of the whole list: one that retries another takes no place, and goes with the runs before it', async () => {
    const schema = ground.schema();
    const old = await exportOnce(schema, { failing: ['u1'] });
    await exportOnce(schema, { retryOfRun: old });
    const whole = await exportOnce(schema, { failing: ['u1', 'u2'] });
    const retryRun = await exportOnce(schema, { retryOfRun: whole, failing: ['u2'], keepRuns: 1 });
    expect(await numbers(schema, 'runs')).toEqual([whole, retryRun]);
    expect(await ground.query(`select user_id, run_id::int from ${schema}.stale_users`)).toEqual([
      { user_id: 'u2', run_id: whole },
    ]);
  });

  test('hold one that is unfinished, however old', async () => {
    const schema = ground.schema();
    const unfinished = await exportOnce(schema, { end: 'leave' });
    await exportOnce(schema);
    const last = await exportOnce(schema, { keepRuns: 1 });
    expect(await numbers(schema, 'runs')).toEqual([unfinished, last]);
  });

  test('still show since when a user is stale, when the run of the first failure is gone', async () => {
    const schema = ground.schema();
    const stale = () =>
      ground.query(
        `select user_id, stale_since::text, has_rows from ${schema}.stale_users where sdk_app_id = ${app} order by 1`,
      );
    const beginning = async (runId: number): Promise<unknown> =>
      (await ground.query(`select started_at::text from ${schema}.runs where run_id = $1`, [runId]))[0]
        ?.started_at;
    await exportOnce(schema, { failing: ['u2', 'u3'] });
    const since = {
      u1: await beginning(await exportOnce(schema, { failing: ['u1', 'u2'] })),
      u2: (await stale()).find((row) => row.user_id === 'u2')?.stale_since,
    };
    await exportOnce(schema, { failing: ['u1', 'u2'], sdkAppId: app + 1 });
    await exportOnce(schema, { end: 'abandon' });
    await exportOnce(schema, { failing: ['u1', 'u2'] });
    const all = [
      { user_id: 'u1', stale_since: since.u1, has_rows: true },
      { user_id: 'u2', stale_since: since.u2, has_rows: true },
    ];
    expect(await stale()).toEqual(all);
    // u3 fails again after a success. Run by run, older runs are removed, three at once first.
    for (const keepRuns of [2, 1, 1]) {
      await exportOnce(schema, { failing: ['u1', 'u2', 'u3'], keepRuns });
      expect((await stale()).slice(0, 2)).toEqual(all);
    }
    const third = (await stale())[2]?.stale_since;
    const last = await exportOnce(schema, { failing: ['u2', 'u3'], keepRuns: 1 });
    expect(await stale()).toEqual([all[1], { user_id: 'u3', stale_since: third, has_rows: true }]);
    expect(await numbers(schema, 'runs')).toContain(last);
  });

  test('show the same stale users after runs with --limit among the removed ones', async () => {
    const schema = ground.schema();
    const stale = () =>
      ground.query(`select user_id, stale_since::text from ${schema}.stale_users order by 1`);
    await exportOnce(schema, { failing: ['u1'] });
    const [{ stale_since: since } = {}] = await stale();
    await exportOnce(schema, { beyondLimit: 2 });
    await exportOnce(schema, { failing: ['u1'], beyondLimit: 2 });
    await exportOnce(schema, { failing: ['u1'] });
    expect(await stale()).toEqual([{ user_id: 'u1', stale_since: since }]);
    for (const keepRuns of [3, 2, 1, 1]) {
      await exportOnce(schema, { failing: ['u1'], keepRuns });
      expect(await stale()).toEqual([{ user_id: 'u1', stale_since: since }]);
    }
    // The last run of the whole list stays when more trials follow than runs are kept.
    for (const keepRuns of [2, 2, 1]) {
      await exportOnce(schema, { beyondLimit: 2, keepRuns });
      expect(await stale()).toEqual([{ user_id: 'u1', stale_since: since }]);
    }
    expect(await numbers(schema, 'runs')).toHaveLength(2);
    const last = await exportOnce(schema, { failing: ['u1'], keepRuns: 1 });
    expect(await stale()).toEqual([{ user_id: 'u1', stale_since: since }]);
    expect(await numbers(schema, 'runs')).toEqual([last]);
  });

  test('are left for the next run when the run is asked to stop while they are removed', async () => {
    const schema = ground.schema();
    const old = await exportOnce(schema, { failing: ['u1'] });
    const notices: string[] = [];
    const events = { onOutage: () => {}, onNotice: (notice: string) => void notices.push(notice) };
    const stop = new AbortController();
    const destination = await ground.open(schema, { keepRuns: 1, events, stop: stop.signal });
    const run = await destination.begin(newRun(1, 1), [['u1']]);
    await commitAll(run);
    // Another session locks rows that the removal needs.
    const blocker = await ground.connect();
    await blocker.query(`begin; select from ${schema}.unexported_users for share`);
    const finished = finish(run);
    await expect
      .poll(() =>
        ground.query(
          `select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'
           and query like 'delete from%'`,
        ),
      )
      .toHaveLength(1);
    stop.abort('SIGTERM');
    expect(await finished).toMatchObject({ status: 'finished' });
    expect(notices).toEqual([
      'after the run: old runs were not removed: canceling statement due to user request',
    ]);
    await blocker.end();
    await destination.close();
    expect(await numbers(schema, 'runs')).toEqual([old, run.record.runId]);
  });

  test('that cannot be removed are reported and fail nothing', async () => {
    const schema = ground.schema();
    await exportOnce(schema);
    const notices: string[] = [];
    const events = { onOutage: () => {}, onNotice: (notice: string) => void notices.push(notice) };
    const destination = await ground.open(schema, { keepRuns: 1, events });
    await ground.query(`create function ${schema}.no() returns trigger language plpgsql as
      $$ begin raise exception 'nothing is removed here'; end $$`);
    await ground.query(
      `create trigger no before delete on ${schema}.runs for each row execute function ${schema}.no()`,
    );
    const run = await destination.begin(newRun(1, 1), [['u1']]);
    await commitAll(run);
    expect(await finish(run)).toMatchObject({ status: 'finished' });
    expect(notices).toEqual(['after the run: old runs were not removed: nothing is removed here']);
    await destination.close();
  });
});
