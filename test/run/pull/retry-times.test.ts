import { expect, test } from 'vitest';
import type { PullContext, UserOutcome } from '../../../src/run/pull/pull-user.ts';
import { RetryTimes } from '../../../src/run/pull/retry-times.ts';
import { ManualClock } from '../../resilience/manual-clock.ts';
import { deferred, never } from '../../resilience/timing.ts';

const CONTEXT: PullContext = { priority: 0, signal: never, tallies: [], onWait: () => {} };
const EXPORTED: UserOutcome = { kind: 'exported', taken: null };

/** Retry times of a run with eight attempts, and a way to pull users. */
function retryTimes() {
  const clock = new ManualClock();
  const times = new RetryTimes(8, clock);
  const pull = (userId: string, pass: 1 | 2 = 1) => {
    const end = deferred<UserOutcome>();
    let wait = (_: boolean): void => {};
    const over = times.measure(userId, pass, CONTEXT, ({ onWait }) => {
      wait = onWait;
      return end.promise;
    });
    const finish = async (outcome: UserOutcome): Promise<void> => {
      end.resolve(outcome);
      await over;
    };
    return { fails: () => wait(true), finish };
  };
  return { clock, times, pull };
}

test('without a user who is retried, no retries are ahead', async () => {
  const { times, pull } = retryTimes();
  const user = pull('amy');
  expect(times.aheadMs).toBe(0);
  await user.finish(EXPORTED);
  expect(times.aheadMs).toBe(0);
});

test('while users are retried, as long as the longest so far is ahead, and less once no user is new', async () => {
  const { clock, times, pull } = retryTimes();
  const first = pull('amy');
  first.fails();
  await clock.advance(6_000);
  await first.finish(EXPORTED);
  expect(times.aheadMs).toBe(0);
  const second = pull('bob');
  second.fails();
  expect(times.aheadMs).toBe(6_000);
  pull('carl');
  expect(times.aheadMs).toBe(6_000);
  await clock.advance(2_000);
  expect(times.aheadMs).toBe(4_000);
  await clock.advance(9_000);
  expect(times.aheadMs).toBe(0);
});

test('a deferred user brings a second pass as long as the longest retries so far, in which it runs down', async () => {
  const { clock, times, pull } = retryTimes();
  const first = pull('amy');
  first.fails();
  await clock.advance(9_000);
  await first.finish({ kind: 'deferred' });
  expect(times.aheadMs).toBe(9_000);
  const again = pull('amy', 2);
  again.fails();
  expect(times.aheadMs).toBe(9_000);
  await clock.advance(5_000);
  expect(times.aheadMs).toBe(4_000);
});

test('users who waited an hour for the end of an outage make no later retries longer than those of a user who fails', async () => {
  const { clock, times, pull } = retryTimes();
  const first = pull('amy');
  first.fails();
  await clock.advance(3_600_000);
  await first.finish({ kind: 'deferred' });
  const { aheadMs } = times;
  // Seven waits of up to 0.4, 0.8, 1.6, 3.2, 6.4, 12.8 and 20 s.
  expect(aheadMs).toBeGreaterThan(22_600);
  expect(aheadMs).toBeLessThan(45_200);
  pull('bob').fails();
  expect(times.aheadMs).toBe(2 * aheadMs);
});
