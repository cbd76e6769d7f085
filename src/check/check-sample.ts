import type { Finding } from '../destinations/inspection.ts';
import type { Job } from '../job/job.ts';
import { type Caller, newTally } from '../run/caller.ts';
import { pullUser, type UserOutcome } from '../run/pull-user.ts';
import type { Experience } from './cost.ts';

/** What a few users of the list told of all of them. */
export type SampleCheck = { readonly finding: Finding; readonly experience: Experience };

/**
 * Pulls some users of the list whole, with retries, and throws their rows away.
 * @throws {ApiUnusable} when the API goes away meanwhile; the reason of `stop`
 */
export async function checkSample(
  job: Job,
  caller: Caller,
  userIds: readonly string[],
  stop: AbortSignal,
): Promise<SampleCheck> {
  const total = newTally();
  const settings = { ...job.rows, sdkAppId: job.api.sdkAppId, maxPages: job.pull.maxPages };
  const context = { urgency: 0, signal: stop, tallies: [total], onWait: () => {} };
  const outcomes = await Promise.all(userIds.map((userId) => pullUser(userId, caller, settings, context)));
  // What was let go tells nothing of the list.
  stop.throwIfAborted();
  const conversations = outcomes.reduce(
    (sum, outcome) => sum + (outcome.kind === 'exported' ? outcome.rows.conversations.length : 0),
    0,
  );
  return {
    finding: sampleFinding(outcomes),
    experience: { users: userIds.length, calls: total.calls, conversations, from: 'the sample' },
  };
}

function sampleFinding(outcomes: readonly UserOutcome[]): Finding {
  const unexported = outcomes.flatMap((outcome) => (outcome.kind === 'unexported' ? [outcome.row] : []));
  const failed = unexported.filter(({ reason }) => reason !== 'not_in_app');
  const notInApp = unexported.length - failed.length;
  const exported = outcomes.filter(({ kind }) => kind === 'exported').length;
  const says =
    `tried ${outcomes.length} users from all over the list: ${exported} exported` +
    `${notInApp > 0 ? `, ${notInApp} not in the app` : ''}${failed.length > 0 ? `, ${failed.length} failed` : ''}`;
  if (notInApp === outcomes.length) {
    return {
      subject: 'users',
      state: 'fail',
      says,
      next: "is this the list of this app's users? IDs are case-sensitive",
      endsAs: 'usage',
    };
  }
  const [first] = failed;
  if (first === undefined) return { subject: 'users', state: 'pass', says };
  const code = first.error_code === null ? '' : ` ${first.error_code}`;
  return {
    subject: 'users',
    state: 'warn',
    says: `${says}; user ${first.user_id}: ${first.reason}${code}: ${first.error_info}`,
    next: 'a run would list such users and end with exit code 3',
  };
}
