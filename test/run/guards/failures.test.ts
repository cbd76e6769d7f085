import { setImmediate } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { NO_COUNTS } from '../../../src/destinations/contract/counts.ts';
import type { ChunkResult } from '../../../src/destinations/contract/destination.ts';
import type { UnexportedReason } from '../../../src/rows/tables.ts';
import { ConsecutiveFailuresGuard } from '../../../src/run/pull/guards/consecutive-failures.ts';
import { FailedUsersGuard } from '../../../src/run/pull/guards/failed-users.ts';
import { refuseUnknownUsers, UnknownUsersGuard } from '../../../src/run/pull/guards/unknown-users.ts';
import type { UserOutcome } from '../../../src/run/pull/pull-user.ts';

const failedWith = (code: number | null, reason: UnexportedReason = 'api_error'): UserOutcome => ({
  kind: 'unexported',
  row: { user_id: 'u', sdk_app_id: 1, reason, error_code: code, error_info: 'why', calls: 1 },
});
const exported = { kind: 'exported' } as UserOutcome;

describe('users who fail one after another', () => {
  /** Shows outcomes of users in chunks of 60. @returns how many were seen when it stopped the run, or null */
  function stoppedAfter(
    outcomes: readonly UserOutcome[],
    { pass = 1 as 1 | 2, chunk = 60 } = {},
  ): number | null {
    const guard = new ConsecutiveFailuresGuard();
    for (const [i, outcome] of outcomes.entries()) {
      try {
        guard.observe({ number: 1 + Math.floor(i / chunk), pass, userIds: [] }, outcome);
      } catch (error) {
        expect(error).toMatchObject({ name: 'ApiUnusable' });
        return i + 1;
      }
    }
    return null;
  }
  const times = (count: number, outcome: UserOutcome): UserOutcome[] => Array(count).fill(outcome);

  test('with one code stop the run at the hundredth', () => {
    expect(stoppedAfter(times(150, failedWith(50002)))).toBe(100);
    expect(stoppedAfter(times(150, failedWith(null, 'invalid_page')))).toBe(100);
  });

  test('stop the run at the hundredth, though others between them are deferred', () => {
    const others = times(10, { kind: 'deferred' } as UserOutcome);
    const outcomes = [...times(99, failedWith(50002)), ...others, failedWith(50002)];
    expect(stoppedAfter(outcomes)).toBe(110);
  });

  test.each([
    [50002, 'api_error'],
    [null, 'invalid_page'],
  ] as const)('stop the run with the code of the API, which is %s', (code, reason) => {
    const guard = new ConsecutiveFailuresGuard();
    const fail = (user: number): void =>
      guard.observe({ number: user % 2, pass: 1, userIds: [] }, failedWith(code, reason));
    for (let user = 1; user < 100; user += 1) fail(user);
    expect(() => fail(100)).toThrow(expect.objectContaining({ apiCode: code }));
  });

  test.each([
    [
      'when one in between is exported',
      [...times(99, failedWith(50002)), exported, ...times(99, failedWith(50002))],
    ],
    ['when codes differ', [...times(99, failedWith(50002)), ...times(99, failedWith(51007))]],
    ['when they are not in the app', times(300, failedWith(50001, 'not_in_app'))],
  ])('do not stop it %s', (_, outcomes) => {
    expect(stoppedAfter(outcomes)).toBeNull();
  });

  test('do not stop it when they are all of one chunk, or had failed before', () => {
    const outcomes = times(300, failedWith(50002));
    expect(stoppedAfter(outcomes, { chunk: 300 })).toBeNull();
    expect(stoppedAfter(outcomes, { pass: 2 })).toBeNull();
  });
});

describe('failed users', () => {
  const failed = (count: number) => ({ ...NO_COUNTS, failed: count, failures: { 50002: count } });

  test.each([
    ['a number', { number: 5 }, '5'],
    ['a share of the list', { share: 0.05 }, '5%'],
  ])('over %s stop the run, those of earlier attempts included', (_, limit, shown) => {
    const guard = new FailedUsersGuard(limit, 100, 2);
    guard.check(failed(3));
    guard.check(NO_COUNTS);
    expect(() => guard.check(failed(1))).toThrow(
      `6 users have failed so far, over --max-failed-users ${shown}; 1 of them (50002: 1) are in the chunk that was not written`,
    );
  });

  test('do not stop the run again in a chunk without any', () => {
    new FailedUsersGuard({ number: 5 }, 100, 6).check(NO_COUNTS);
  });

  test('are counted together with those of other processes', () => {
    const guard = new FailedUsersGuard({ number: 5 }, 100, 0);
    guard.check(failed(2), 3);
    expect(() => guard.check(failed(1), 3)).toThrow('6 users have failed so far');
  });

  test('are counted by code, the most frequent first', () => {
    const failures = { 50002: 1, 51007: 3, 60010: 2 };
    const check = () => new FailedUsersGuard({ number: 5 }, 100, 0).check({ ...failed(6), failures });
    expect(check).toThrow(/; 6 of them \(51007: 3, 60010: 2, 50002: 1\) are in the chunk/);
  });

  test('are tolerated without a limit', () => {
    expect(() => new FailedUsersGuard(null, 10, 0).check(failed(10))).not.toThrow();
  });
});

const chunk = (changed: Partial<typeof NO_COUNTS>) => ({ ...NO_COUNTS, ...changed });
const limits = { allowMassDeletion: false };

/** A guard, and chunks that it is shown; none is committed before the guard says so. */
function unknownUsers({
  before = NO_COUNTS,
  allowMassDeletion = false,
  exportedBefore = 0,
  elsewhere = { isAnyKnown: false },
}: Partial<{
  before: typeof NO_COUNTS;
  allowMassDeletion: boolean;
  exportedBefore: number;
  elsewhere: { isAnyKnown: boolean };
}> = {}) {
  const guard = new UnknownUsersGuard({
    before,
    limits: { allowMassDeletion },
    earlier: { usersToRemove: async () => exportedBefore },
    isAnyKnownElsewhere: () => elsewhere.isAnyKnown,
    onWait: () => {},
  });
  const check = (counts: Partial<typeof NO_COUNTS>, removeNotInApp = true): Promise<void> =>
    guard.check({ counts: chunk(counts), removeNotInApp } as ChunkResult);
  return { guard, check };
}

describe('when no user of the first 1,000 is in the app', () => {
  test('the run stops', async () => {
    const { check } = unknownUsers({ before: chunk({ notInApp: 600 }) });
    await check({ notInApp: 200 });
    await expect(check({ notInApp: 200 })).rejects.toThrow('none of the first 1000 users is in the app');
  });

  test.each([
    ['somebody was exported', { exported: 1 }, false],
    ['somebody failed', { failed: 1 }, false],
    ['it is allowed', {}, true],
  ])('but %s, it continues', async (_, other, allowMassDeletion) => {
    const { check } = unknownUsers({ allowMassDeletion });
    await check({ notInApp: 199, ...other });
    await check({ notInApp: 900 });
  });
});

describe('a chunk that would remove exported users', () => {
  test('waits until some user of the plan is in the app', async () => {
    const { guard, check } = unknownUsers({ exportedBefore: 1 });
    const waiting = check({ notInApp: 2 });
    await setImmediate();
    expect(guard.waitingChunks).toBe(1);
    await check({ exported: 1 });
    await waiting;
    expect(guard.waitingChunks).toBe(0);
    await check({ notInApp: 2 });
  });

  test('waits no longer when another process has found a user in the app', async () => {
    const elsewhere = { isAnyKnown: false };
    const { guard, check } = unknownUsers({ exportedBefore: 1, elsewhere });
    const waiting = check({ notInApp: 2 });
    await setImmediate();
    guard.lookElsewhere();
    expect(guard.waitingChunks).toBe(1);
    elsewhere.isAnyKnown = true;
    guard.lookElsewhere();
    await waiting;
    expect(guard.waitingChunks).toBe(0);
  });

  test('is refused when no more users come, and none was found', async () => {
    const { guard, check } = unknownUsers({ exportedBefore: 1 });
    const waiting = [check({ notInApp: 2 }), check({ notInApp: 3 })];
    await setImmediate();
    guard.evaluateNow();
    for (const refused of waiting)
      await expect(refused).rejects.toThrow(
        /^no user was found in the app \(5 are not in it\), and --not-in-app remove would remove 2 users of an earlier run: none of them was removed/,
      );
  });

  test.each([
    ['nobody was exported before', { exportedBefore: 0 }, true],
    ['rows are kept', { exportedBefore: 1 }, false],
    ['it is allowed', { exportedBefore: 1, allowMassDeletion: true }, true],
    ['an earlier attempt exported somebody', { exportedBefore: 1, before: chunk({ exported: 1 }) }, true],
    ['somebody failed in an earlier attempt', { exportedBefore: 1, before: chunk({ failed: 1 }) }, true],
  ])('does not wait where %s', async (_, given, removes) => {
    await unknownUsers(given).check({ notInApp: 2 }, removes);
  });
});

describe('when no user of a whole list is in the app, but users were exported before,', () => {
  const ended = { holdsUsers: true, replaces: true, isRetry: false, limits };

  test.each([
    [1, /^the only user of the list is not in the app, but an earlier run exported users here/],
    [3, /^none of the 3 users of the list is in the app.*--fresh.*--allow-mass-deletion$/],
    [999, /^none of the 999 users of the list is in the app/],
  ])('the run of %i users is not finished', (notInApp, message) => {
    expect(() => refuseUnknownUsers({ ...ended, counts: chunk({ notInApp }) })).toThrow(message);
  });

  test.each([
    ['the list is empty', { counts: NO_COUNTS }],
    ['somebody is in the app', { counts: chunk({ notInApp: 999, exported: 1 }) }],
    ['somebody failed', { counts: chunk({ notInApp: 999, failed: 1 }) }],
    ['nobody was exported before', { holdsUsers: false }],
    ['all rows stay', { replaces: false }],
    ['it pulls failed users again', { isRetry: true }],
    ['it is allowed', { limits: { allowMassDeletion: true } }],
  ])('but where %s, it is finished', (_, other) => {
    expect(() => refuseUnknownUsers({ ...ended, counts: chunk({ notInApp: 999 }), ...other })).not.toThrow();
  });
});
