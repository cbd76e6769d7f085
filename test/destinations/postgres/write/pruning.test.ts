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
  unexported,
  userIds,
  userWith,
} from '../../samples.ts';
import { PostgresGround } from '../ground.ts';

describeServers('pruning', (server) => {
  const ground = new PostgresGround(server);

  test('removes the users outside the plan, but neither failed ones nor those of another app', async () => {
    const schema = ground.schema();
    for (const sdkAppId of [app, app + 1]) {
      const destination = await ground.open(schema, { sdkAppId });
      const run = await destination.begin(newRun(4, 4, { sdkAppId }), [userIds(4)]);
      const exported = userIds(4).map((userId) => userWith(userId, ['peer'], {}, sdkAppId));
      await run.commit(resultOf(run, only(await all(run.openChunks(1))), { exported }));
      await finish(run);
      await destination.close();
    }
    const destination = await ground.open(schema);
    const run = await destination.begin(newRun(3, 3), [userIds(3)]);
    const failed = [unexported('u2', 'api_error'), unexported('u3', 'not_in_app')];
    await run.commit(resultOf(run, only(await all(run.openChunks(1))), { unexported: failed }));
    expect(await run.earlier?.usersNotInPlan()).toEqual({
      outside: { users: 1, rows: 3 },
      before: { users: 4, rows: 12 },
    });
    expect((await finish(run, { prune: true })).counts).toMatchObject({ pruned: 1, rowsRemoved: 3 });
    await destination.close();
    for (const table of ['exported_users', 'conversations', 'contact_groups', 'memberships']) {
      const rows = await ground.query(
        `select sdk_app_id - ${app} as app, array_agg(user_id order by user_id) as users
         from ${schema}.${table} group by 1 order by 1`,
      );
      expect(rows.map(({ users }) => users)).toEqual([userIds(3), userIds(4)]);
    }
  });

  test('counts the users before the run, whatever its attempts have added and removed', async () => {
    const schema = ground.schema();
    const old = ['o1', 'o2', 'o3'];
    const first = await ground.open(schema);
    const before = await first.begin(newRun(3, 3), [old]);
    await commitAll(before);
    await finish(before);
    await first.close();
    const destination = await ground.open(schema);
    const begun = await destination.begin(newRun(41, 10), [[...userIds(40), 'o1']]);
    for (const chunk of (await all(begun.openChunks(1))).slice(0, 3)) {
      await begun.commit(resultOf(begun, chunk));
    }
    const run = await destination.resume(begun.record);
    const gone = { unexported: [unexported('o1', 'not_in_app')], removeNotInApp: true };
    for (const chunk of await all(run.openChunks(1))) {
      await run.commit(resultOf(run, chunk, chunk.userIds.includes('o1') ? gone : {}));
    }
    expect(await run.earlier?.usersNotInPlan()).toEqual({
      outside: { users: 2, rows: 6 },
      before: { users: 3, rows: 9 },
    });
    await destination.close();
  });
});
