import { expect, test } from 'vitest';
import type { ChangeTotals } from '../../../../src/destinations/contract/counts.ts';
import { all, finish, newRun, resultOf, userIds } from '../../samples.ts';
import { PostgresGround } from '../ground.ts';

const ground = new PostgresGround();

const losing = (lost: number): ChangeTotals => ({
  users: 2,
  had: 2,
  emptied: 0,
  losers: lost > 0 ? 1 : 0,
  rows: 20,
  lost,
});

test('the changes that a run has committed last are there for its next attempt, and gone when it has finished', async () => {
  const schema = ground.schema();
  const first = await ground.open(schema);
  const run = await first.begin(newRun(10, 2), [userIds(10)]);
  const chunks = await all(run.openChunks(1));
  // The last chunk of the plan is committed first.
  for (const [lost, chunk] of chunks.slice(0, 4).reverse().entries())
    await run.commit(resultOf(run, chunk), losing(lost));
  await run.commit(resultOf(run, chunks[4] ?? fail()), { ...losing(0), users: 0, had: 0, rows: 0 });
  await first.close();

  const second = await ground.open(schema);
  const resumed = await second.resume(run.record);
  const committed = async (users: number, ...except: readonly number[]) =>
    await resumed.earlier?.committedChanges(users, except);
  expect(await committed(1)).toEqual(losing(3));
  expect(await committed(3)).toMatchObject({ users: 4, lost: 3 + 2 });
  expect(await committed(1_000)).toMatchObject({ users: 8, had: 8, losers: 3, rows: 80, lost: 3 + 2 + 1 });
  expect(await committed(1_000, 1, 2)).toMatchObject({ users: 4, lost: 1 });
  await finish(resumed);
  expect(await committed(1_000)).toMatchObject({ users: 0 });
  await second.close();
});

function fail(): never {
  throw new Error('the plan has five chunks');
}
