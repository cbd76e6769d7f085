import { describe, expect, test } from 'vitest';
import { hasPgBoss } from '../../../support/pg-boss.ts';
import { newRun, resultOf, userWith } from '../../samples.ts';
import { PostgresGround } from '../ground.ts';

describe.skipIf(!hasPgBoss())('a worker of a shared run (needs pg-boss: see CONTRIBUTING.md)', () => {
  const ground = new PostgresGround();

  test('commits nothing of a chunk that was given to another one before it heard of that', async () => {
    const schema = ground.schema();
    const destination = await ground.open(schema, { share: { maxDurationMs: null } });
    const entry = await destination.sharing?.enter('nightly', { isFresh: false, mayJoin: () => {} });
    if (entry?.kind !== 'plan') throw new Error('it is the first');
    const run = await destination.begin(newRun(2, 1), [['u1'], ['u2']]);
    await entry.done();
    const outcomes: boolean[] = [];
    const waiting = { onIdle: () => {}, isPaused: () => false, ended: new AbortController().signal };
    for await (const chunk of run.openChunks(1, waiting)) {
      const exported = chunk.userIds.map((id) => userWith(id, ['p1']));
      // As pg-boss does it for a claim without a heartbeat.
      if (outcomes.length === 0)
        await ground.query(
          `update ${schema}_jobs.job set retry_count = retry_count + 1 where state = 'active'`,
        );
      outcomes.push((await run.commit(resultOf(run, chunk, { exported }))) !== null);
      if (outcomes.length === 2) break;
    }
    expect(outcomes).toEqual([false, true]);
    expect(await ground.query(`select user_id from ${schema}.exported_users`)).toEqual([{ user_id: 'u2' }]);
    expect(await ground.query(`select chunk from ${schema}.run_chunks where committed_at is null`)).toEqual([
      { chunk: 1 },
    ]);
    await destination.close();
  });
});
