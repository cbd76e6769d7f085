import { expect, test } from 'vitest';
import type { UserToErase } from '../../../../src/destinations/contract/erasure.ts';
import { describeServers } from '../../../support/servers.ts';
import { all, app, commitOf, finish, newRun, only, resultOf, userIds, userWith } from '../../samples.ts';
import { PostgresGround } from '../ground.ts';

const userToErase = (name: string, asPeer: boolean): UserToErase => ({
  sdkAppId: app,
  keyFingerprint: null,
  name,
  planned: name,
  asPeer,
});

describeServers('an erasure', (server) => {
  const ground = new PostgresGround(server);

  test('takes the digest of a user who loses rows by it, and the next run gives one without writing a row', async () => {
    const schema = ground.schema();
    const destination = await ground.open(schema);
    const digests = () =>
      ground.query(`select user_id, content_hash from ${schema}.exported_users order by user_id`);
    const first = await destination.begin(newRun(2, 2), [userIds(2)]);
    const exported = [userWith('u1', ['peer', 'gone']), userWith('u2', ['peer'])];
    await commitOf(first, resultOf(first, only(await all(first.openChunks(1))), { exported }));
    await finish(first);
    const [, other] = await digests();

    await destination.erase(userToErase('gone', true), { dryRun: false });
    expect(await digests()).toEqual([{ user_id: 'u1', content_hash: null }, other]);

    const second = await destination.begin(newRun(2, 2), [userIds(2)]);
    const left = [userWith('u1', ['peer']), userWith('u2', ['peer'])];
    const counts = await commitOf(
      second,
      resultOf(second, only(await all(second.openChunks(1))), { exported: left }),
    );
    expect(counts).toMatchObject({ rowsWritten: 0, rowsRemoved: 0, unchanged: 1 });
    expect(await digests()).toEqual([{ user_id: 'u1', content_hash: expect.any(Buffer) }, other]);
    await destination.close();
  });

  test('leaves null in the plan for a user who is processed, whom the run keeps in its counts', async () => {
    const schema = ground.schema();
    const destination = await ground.open(schema);
    const begun = await destination.begin(newRun(4, 2), [userIds(4)]);
    const [chunk] = await all(begun.openChunks(1));
    if (chunk === undefined) throw new Error('the plan has no chunk');
    await commitOf(begun, resultOf(begun, chunk, { deferred: ['u2'] }));

    for (const name of ['u1', 'u2', 'u3'])
      expect(await destination.erase(userToErase(name, false), { dryRun: false })).toMatchObject({
        plans: 1,
      });
    expect(
      await ground.query(
        `select user_ids, deferred, user_count as users from ${schema}.run_chunks order by chunk`,
      ),
    ).toEqual([
      { user_ids: [null], deferred: [], users: 1 },
      { user_ids: ['u4'], deferred: null, users: 1 },
    ]);

    const run = await destination.resume(begun.record);
    await commitOf(run, resultOf(run, only(await all(run.openChunks(1)))));
    await run.planSecondPass();
    expect(await all(run.openChunks(2))).toEqual([]);
    expect(await run.earlier?.usersNotInPlan()).toMatchObject({ outside: { users: 0 } });
    expect(await finish(run, { prune: true })).toMatchObject({
      list: { users: 2, suppressed: 2 },
      counts: { exported: 2, pruned: 0 },
    });
    await destination.close();
  });
});
