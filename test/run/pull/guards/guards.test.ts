import { setImmediate } from 'node:timers/promises';
import { expect, test } from 'vitest';
import type { GuardSettings } from '../../../../src/config/model/job.ts';
import { NO_CHANGES, NO_COUNTS, type RunCounts } from '../../../../src/destinations/contract/counts.ts';
import type {
  ChunkResult,
  ExistingRows,
  RowChange,
  RunWriter,
} from '../../../../src/destinations/contract/destination.ts';
import type { UnexportedReason } from '../../../../src/rows/tables.ts';
import { Guards } from '../../../../src/run/pull/guards/guards.ts';
import type { UserOutcome } from '../../../../src/run/pull/pull-user.ts';

const limits: GuardSettings = {
  maxFailedUsers: { number: 2 },
  maxEmptiedUsers: 0.01,
  maxLostRows: 0.05,
  allowMassDeletion: false,
};
const emptied: RowChange = { before: 10, after: 0, lost: 10 };

/** Earlier rows: each chunk that removes users removes one, and each other chunk empties one. */
const earlierRows = {
  usersToRemove: async () => 1,
  previewCommit: async ({ removeNotInApp }: ChunkResult) => (removeNotInApp ? [] : [emptied]),
  committedChanges: async () => NO_CHANGES,
} as unknown as ExistingRows;

function guardsOf({
  retryOfRun = null,
  earlier = earlierRows,
}: {
  readonly retryOfRun?: number | null;
  readonly earlier?: ExistingRows | null;
}) {
  let startedWaits = 0;
  const record = { counts: NO_COUNTS, list: { users: 300 }, retryOfRun } as RunWriter['record'];
  const guards = new Guards(limits, { record, earlier, shared: null }, () => {
    startedWaits += 1;
  });
  const check = (counts: Partial<RunCounts>, removeNotInApp = false): Promise<unknown> =>
    guards.check({
      chunk: chunk(1),
      counts: { ...NO_COUNTS, ...counts },
      removeNotInApp,
    } as unknown as ChunkResult);
  return { guards, check, startedToWait: () => startedWaits };
}

const unexported = (reason: UnexportedReason): UserOutcome => ({
  kind: 'unexported',
  row: { user_id: 'u', sdk_app_id: 1, reason, error_code: 50002, error_info: 'why', calls: 1 },
});
const chunk = (number: number, pass: 1 | 2 = 1) => ({ number, pass, userIds: [] });

/** A hundred users of two chunks fail in the same way. */
function failInARow(guards: Guards): void {
  for (let user = 0; user < 100; user += 1) guards.observe(chunk(1 + (user % 2)), unexported('api_error'));
}

test('a hundred users who fail in a row stop a run, but not a run that retries failed users', () => {
  expect(() => failInARow(guardsOf({}).guards)).toThrow(/^100 users in a row failed with 50002 /);
  failInARow(guardsOf({ retryOfRun: 4 }).guards);
});

test('more failed users than --max-failed-users stop a run, but not a run that retries failed users', async () => {
  await guardsOf({ earlier: null }).check({ failed: 2 });
  await expect(guardsOf({ earlier: null }).check({ failed: 3 })).rejects.toThrow(
    /^3 users have failed so far, over --max-failed-users 2; /,
  );
  await guardsOf({ retryOfRun: 4, earlier: null }).check({ failed: 3 });
});

test('a chunk that removes users waits, but not in a run that retries failed users', async () => {
  const { guards, check, startedToWait } = guardsOf({});
  const waiting = check({ notInApp: 2 }, true);
  await setImmediate();
  expect([guards.waitingChunks, guards.waitingWithoutRows, startedToWait()]).toEqual([1, 1, 1]);
  guards.observe(chunk(1), { kind: 'exported' } as UserOutcome);
  await waiting;
  expect([guards.waitingChunks, guards.waitingWithoutRows]).toEqual([0, 0]);
  await guardsOf({ retryOfRun: 4 }).check({ notInApp: 2 }, true);
});

test('no chunk waits in a destination without earlier rows', async () => {
  const { guards, check } = guardsOf({ earlier: null });
  await check({ notInApp: 2 }, true);
  await check({});
  guards.evaluateNow();
  expect([guards.waitingChunks, guards.waitingWithoutRows]).toEqual([0, 0]);
});

test.each<[string, 1 | 2, UserOutcome, boolean]>([
  ['who is exported', 1, { kind: 'exported' } as UserOutcome, true],
  ['whom the API refuses', 1, unexported('api_error'), true],
  ['with a transient error in the second pass', 2, unexported('transient_error'), true],
  ['with a transient error in the first pass', 1, unexported('transient_error'), false],
  ['who is not in the app', 1, unexported('not_in_app'), false],
  ['who is not in the app in the second pass', 2, unexported('not_in_app'), false],
  ['who is deferred', 1, { kind: 'deferred' } as UserOutcome, false],
])('a user %s (pass %i) is known to the app: %o', async (_, pass, outcome, isKnown) => {
  const { guards, check } = guardsOf({});
  const waiting = check({ notInApp: 2 }, true);
  await setImmediate();
  guards.observe(chunk(1, pass), outcome);
  expect(guards.waitingChunks).toBe(isKnown ? 0 : 1);
  guards.observe(chunk(1), { kind: 'exported' } as UserOutcome);
  await waiting;
});

test('when no more users come, the guard of deletions decides after that of unknown users', async () => {
  const { guards, check, startedToWait } = guardsOf({});
  const [removal, deletion] = [check({ notInApp: 2 }, true), check({})];
  await setImmediate();
  expect([guards.waitingChunks, guards.waitingWithoutRows, startedToWait()]).toEqual([2, 1, 2]);
  guards.evaluateNow();
  await expect(removal).rejects.toThrow(/^no user was found in the app \(2 are not in it\), /);
  expect([guards.waitingChunks, guards.waitingWithoutRows]).toEqual([1, 0]);
  guards.evaluateNow();
  await expect(deletion).rejects.toThrow(/all 1 with rows would lose them all/);
  expect(guards.waitingChunks).toBe(0);
});
