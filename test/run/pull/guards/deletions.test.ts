import { setImmediate } from 'node:timers/promises';
import { expect, test } from 'vitest';
import type { GuardSettings } from '../../../../src/config/model/job.ts';
import type {
  ChunkResult,
  ExistingRows,
  RowChange,
} from '../../../../src/destinations/contract/destination.ts';
import { type ChangeTotals, NO_CHANGES } from '../../../../src/destinations/contract/sharing.ts';
import { DeletionsGuard } from '../../../../src/run/pull/guards/deletions.ts';

const limits: GuardSettings = {
  maxFailedUsers: null,
  maxEmptiedUsers: 0.01,
  maxLostRows: 0.05,
  allowMassDeletion: false,
};
const kept: RowChange = { before: 10, after: 10, lost: 0 };
const emptied: RowChange = { before: 10, after: 0, lost: 10 };

/** Chunks of 100 users, with so many emptied users each. Admitted chunks are returned in order. */
function judged(changed: Partial<GuardSettings> = {}, elsewhere: ChangeTotals = NO_CHANGES) {
  const admitted: number[] = [];
  let chunks = 0;
  const deletions = new DeletionsGuard({
    earlier: {
      previewCommit: async ({ chunk }: ChunkResult) =>
        Array.from({ length: 100 }, (_, i) => (i < chunk.number ? emptied : kept)),
    } as unknown as ExistingRows,
    limits: { ...limits, ...changed },
    onWait: () => {},
    elsewhere: () => elsewhere,
  });
  const admit = async (emptiedUsers: number): Promise<void> => {
    chunks += 1;
    const nth = chunks;
    await deletions.check({ chunk: { number: emptiedUsers } } as ChunkResult);
    admitted.push(nth);
  };
  return { deletions, admit, admitted };
}

test('of the first thousand users, those whose rows stay are let through, the others wait for all of them', async () => {
  const { deletions, admit, admitted } = judged();
  const waiting = [admit(1), admit(0), admit(1)];
  await setImmediate();
  expect(admitted).toEqual([2]);
  expect(deletions.waitingChunks).toBe(2);
  for (let chunk = 4; chunk < 10; chunk += 1) await admit(0);
  await setImmediate();
  expect(deletions.waitingChunks).toBe(2);
  await admit(0);
  await Promise.all(waiting);
  expect(deletions.waitingChunks).toBe(0);
  expect(admitted).toHaveLength(10);
});

test('when the first thousand users look wrong together, none of the waiting chunks is committed', async () => {
  const { admit, admitted } = judged();
  const all = Array.from({ length: 10 }, () => admit(2));
  const outcomes = await Promise.allSettled(all);
  expect(outcomes.map(({ status }) => status)).toEqual(Array(10).fill('rejected'));
  expect(outcomes[0]).toMatchObject({
    reason: { name: 'GuardTripped', message: expect.stringMatching(/20 of 1000.*--allow-mass-deletion/) },
  });
  expect(admitted).toEqual([]);
});

test('waiting users are checked when no more come', async () => {
  const { deletions, admit } = judged();
  const one = admit(1);
  await setImmediate();
  deletions.evaluateNow();
  await one;
  const many = judged();
  const failed = many.admit(100);
  await setImmediate();
  many.deletions.evaluateNow();
  await expect(failed).rejects.toThrow(/all 100 with rows would lose them all/);
});

test('fewer than a thousand users are checked together with those of other processes', async () => {
  const others: ChangeTotals = { users: 20_000, had: 20_000, emptied: 0, losers: 0, rows: 200_000, lost: 0 };
  const { deletions, admit, admitted } = judged({}, others);
  const waiting = admit(100);
  await setImmediate();
  deletions.evaluateNow();
  await waiting;
  expect(admitted).toEqual([1]);
  expect(deletions.checked).toEqual({
    users: 100,
    had: 100,
    emptied: 100,
    losers: 100,
    rows: 1_000,
    lost: 1_000,
  });
});

test('later chunks are judged with the 4,999 users before them, and no more', async () => {
  const { admit } = judged();
  const quiet = async (chunks: number): Promise<void> => {
    for (let chunk = 0; chunk < chunks; chunk += 1) await admit(0);
  };
  await quiet(50);
  await admit(49);
  // After as many as are judged together, they are erased.
  await quiet(50);
  await admit(49);
  await quiet(20);
  await expect(admit(2)).rejects.toThrow(/of 5099 users checked together, 51 of 5099 with rows/);
});

test('with --allow-mass-deletion everything is let through', async () => {
  const { deletions, admit, admitted } = judged({ allowMassDeletion: true });
  const first = admit(100);
  await setImmediate();
  deletions.evaluateNow();
  await first;
  await admit(100);
  expect(admitted).toEqual([1, 2]);
});
