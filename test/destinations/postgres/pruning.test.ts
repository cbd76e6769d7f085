import { expect, test } from 'vitest';
import { describeServers } from '../../ground/servers.ts';
import { all, app, newRun, only, resultOf, unexported, userIds, userWith } from '../samples.ts';
import { PostgresGround } from './ground.ts';

describeServers('pruning', (server) => {
  const ground = new PostgresGround(server);

  test("removes the users outside the plan, and neither those who failed nor another app's", async () => {
    const schema = ground.schema();
    for (const sdkAppId of [app, app + 1]) {
      const destination = await ground.open(schema, { sdkAppId });
      const run = await destination.begin(newRun(4, 4, { sdkAppId }), [userIds(4)]);
      const exported = userIds(4).map((userId) => userWith(userId, ['peer'], {}, sdkAppId));
      await run.finish(await run.commit(resultOf(run, only(await all(run.openChunks(1))), { exported })));
      await destination.close();
    }
    const destination = await ground.open(schema);
    const run = await destination.begin(newRun(3, 3), [userIds(3)]);
    const failed = [unexported('u2', 'refused_by_api'), unexported('u3', 'not_in_app')];
    const counts = await run.commit(
      resultOf(run, only(await all(run.openChunks(1))), { unexported: failed }),
    );
    expect(await run.earlier?.outsideThePlan()).toEqual({
      outside: { users: 1, rows: 3 },
      all: { users: 4, rows: 12 },
    });
    expect((await run.finish(counts, { prune: true })).counts).toMatchObject({ pruned: 1, rowsRemoved: 3 });
    await destination.close();
    for (const table of ['exported_users', 'conversations', 'contact_groups', 'memberships']) {
      const rows = await ground.query(
        `select sdk_app_id - ${app} as app, array_agg(user_id order by user_id) as users
         from ${schema}.${table} group by 1 order by 1`,
      );
      expect(rows.map(({ users }) => users)).toEqual([userIds(3), userIds(4)]);
    }
  });
});
