import { expect, test } from 'vitest';
import type { UnexportedUserRow } from '../../../src/rows/tables.ts';
import { describeServers } from '../../support/servers.ts';
import { all, app, finish, newRun, only, resultOf, unexported, userWith } from '../samples.ts';
import { PostgresGround } from './ground.ts';

describeServers('stale_users', (server) => {
  const ground = new PostgresGround(server);

  /** A run of u1 to u4, of whom these were not exported. @returns when it started */
  async function exportOnce(
    schema: string,
    failed: readonly UnexportedUserRow[],
    isFinished = true,
    sdkAppId = app,
    retryOfRun: number | null = null,
  ): Promise<Date> {
    const destination = await ground.open(schema, { sdkAppId });
    const run = await destination.begin(newRun(4, 4, { sdkAppId, retryOfRun }), [['u1', 'u2', 'u3', 'u4']]);
    const rows = failed.map((row) => ({ ...row, sdk_app_id: sdkAppId }));
    const exported = ['u1', 'u2', 'u3', 'u4']
      .filter((userId) => !failed.some((row) => row.user_id === userId))
      .map((userId) => userWith(userId, ['peer'], {}, sdkAppId));
    await run.commit(resultOf(run, only(await all(run.openChunks(1))), { exported, unexported: rows }));
    if (isFinished) await finish(run);
    else await destination.abandon(run.record);
    await destination.close();
    const [row] = await ground.query(`select started_at from ${schema}.runs where run_id = $1`, [
      run.record.runId,
    ]);
    return row?.started_at as Date;
  }

  const stale = (schema: string) =>
    ground.query(
      `select user_id, reason, stale_since, has_rows from ${schema}.stale_users where sdk_app_id = ${app} order by user_id`,
    );

  const failing = (...userIds: string[]) => userIds.map((userId) => unexported(userId, 'api_error'));

  test('stale users have failed in the last finished run, since the first of their failures in a row', async () => {
    const schema = ground.schema();
    const first = await exportOnce(schema, failing('u1', 'u2', 'u4'));
    expect(await stale(schema)).toEqual(
      ['u1', 'u2', 'u4'].map((userId) => ({
        user_id: userId,
        reason: 'api_error',
        stale_since: first,
        has_rows: false,
      })),
    );
    const second = await exportOnce(schema, failing('u1', 'u3'));
    expect(await stale(schema)).toEqual([
      { user_id: 'u1', reason: 'api_error', stale_since: first, has_rows: false },
      { user_id: 'u3', reason: 'api_error', stale_since: second, has_rows: true },
    ]);
    const third = await exportOnce(schema, failing('u1', 'u2'));
    const afterThird = [
      { user_id: 'u1', reason: 'api_error', stale_since: first, has_rows: false },
      { user_id: 'u2', reason: 'api_error', stale_since: third, has_rows: true },
    ];
    expect(await stale(schema)).toEqual(afterThird);
    // Neither another app's runs nor an abandoned run count.
    await exportOnce(schema, failing('u4'), true, app + 1);
    await exportOnce(schema, failing('u1', 'u2', 'u3', 'u4'), false);
    expect(await stale(schema)).toEqual(afterThird);
    await exportOnce(schema, []);
    expect(await stale(schema)).toEqual([]);
  });

  test('users exported by a retry run are stale no longer, and can become stale again', async () => {
    const schema = ground.schema();
    const first = await exportOnce(schema, failing('u1', 'u2'));
    await exportOnce(schema, failing('u1'), true, app, 1);
    const stillStale = { user_id: 'u1', reason: 'api_error', stale_since: first, has_rows: false };
    expect(await stale(schema)).toEqual([stillStale]);
    // A user who fails in a retry run, and failed in no run of the list, does not become stale.
    await exportOnce(schema, failing('u1', 'u3'), true, app, 1);
    expect(await stale(schema)).toEqual([stillStale]);
    const next = await exportOnce(schema, failing('u1', 'u2'));
    expect(await stale(schema)).toEqual([
      stillStale,
      { user_id: 'u2', reason: 'api_error', stale_since: next, has_rows: true },
    ]);
  });
});
