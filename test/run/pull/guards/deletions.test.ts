import { setImmediate } from 'node:timers/promises';
import { expect, test } from 'vitest';
import type { GuardSettings } from '../../../../src/config/model/job.ts';
import { type ChangeTotals, NO_CHANGES } from '../../../../src/destinations/contract/counts.ts';
import type { ChunkResult, RowChange } from '../../../../src/destinations/contract/destination.ts';
import { DeletionsGuard } from '../../../../src/run/pull/guards/deletions.ts';

const limits: GuardSettings = {
  maxFailedUsers: null,
  maxEmptiedUsers: 0.01,
  maxLostRows: 0.05,
  allowMassDeletion: false,
};
const kept: RowChange = { before: 10, after: 10, lost: 0 };
const emptied: RowChange = { before: 10, after: 0, lost: 10 };

/** The changes of users who keep their ten rows. */
const quiet = (users: number): ChangeTotals => ({
  users,
  had: users,
  emptied: 0,
  losers: 0,
  rows: 10 * users,
  lost: 0,
});

/** Chunks of 100 users, with so many emptied users each. Admitted chunks are returned in order. */
function judged({
  limits: changed = {},
  committed = NO_CHANGES,
  waiting = NO_CHANGES,
}: {
  readonly limits?: Partial<GuardSettings>;
  /** What the run has committed before, in chunks of one user. */
  readonly committed?: ChangeTotals;
  readonly waiting?: ChangeTotals;
} = {}) {
  const admitted: number[] = [];
  let chunks = 0;
  const deletions = new DeletionsGuard({
    earlier: {
      previewCommit: async ({ chunk }) =>
        Array.from({ length: 100 }, (_, i) => (i < chunk.userIds.length ? emptied : kept)),
      committedChanges: async (users) => (committed.users > users ? quiet(users) : committed),
    },
    limits: { ...limits, ...changed },
    onWait: () => {},
    waitingElsewhere: () => waiting,
  });
  const admit = async (emptiedUsers: number, lost?: AbortSignal): Promise<void> => {
    chunks += 1;
    const nth = chunks;
    const userIds = Array.from({ length: emptiedUsers }, String);
    await deletions.check({ chunk: { number: nth, userIds, lost } } as unknown as ChunkResult);
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

test('fewer than a thousand users are checked together with the users of chunks that wait in other processes', async () => {
  const { deletions, admit, admitted } = judged({ waiting: quiet(900) });
  const waiting = admit(9);
  await setImmediate();
  expect(deletions.waiting).toEqual({ users: 100, had: 100, emptied: 9, losers: 9, rows: 1_000, lost: 90 });
  deletions.evaluateNow();
  await waiting;
  expect(admitted).toEqual([1]);
  expect(deletions.waiting).toEqual(NO_CHANGES);
});

test('an attempt that resumes a run checks its few users together with the users that were committed last', async () => {
  const few = judged({ committed: quiet(900) });
  const chunk = few.admit(9);
  await setImmediate();
  few.deletions.evaluateNow();
  await chunk;
  expect(few.admitted).toEqual([1]);
  // Of a million users, no more than a thousand hide a mass deletion at the end.
  const many = judged({ committed: quiet(1_000_000) });
  const wrong = many.admit(11);
  await setImmediate();
  many.deletions.evaluateNow();
  await expect(wrong).rejects.toThrow(/of 1000 users checked together, 11 of 1000 with rows/);
});

test('chunks that are judged at the same time count for each other', async () => {
  const { deletions, admit } = judged({ committed: quiet(900) });
  deletions.evaluateNow();
  const outcomes = await Promise.allSettled([admit(9), admit(9)]);
  expect(outcomes.map(({ status }) => status)).toEqual(['fulfilled', 'rejected']);
});

test('a chunk that waits counts no more once another process pulls it', async () => {
  const { deletions, admit } = judged({ waiting: quiet(900) });
  const lost = new AbortController();
  const gone = admit(9, lost.signal);
  const one = admit(9);
  await setImmediate();
  expect(deletions.waiting.users).toBe(200);
  lost.abort();
  await gone;
  expect(deletions.waiting).toMatchObject({ users: 100, emptied: 9 });
  deletions.evaluateNow();
  await one;
});

test('later chunks are judged with the 4,999 users before them, and no more', async () => {
  const { admit } = judged();
  const quietChunks = async (chunks: number): Promise<void> => {
    for (let chunk = 0; chunk < chunks; chunk += 1) await admit(0);
  };
  await quietChunks(50);
  await admit(49);
  // After as many as are judged together, they are erased.
  await quietChunks(50);
  await admit(49);
  await quietChunks(20);
  await expect(admit(2)).rejects.toThrow(/of 5099 users checked together, 51 of 5099 with rows/);
});

test('with --allow-mass-deletion everything is let through', async () => {
  const { deletions, admit, admitted } = judged({ limits: { allowMassDeletion: true } });
  const first = admit(100);
  await setImmediate();
  deletions.evaluateNow();
  await first;
  await admit(100);
  expect(admitted).toEqual([1, 2]);
});
