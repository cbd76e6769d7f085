import { setMaxListeners } from 'node:events';
import type { ChatApiClient } from '../chat-api/client.ts';
import type { Finding } from '../destinations/inspection.ts';
import type { Job } from '../job/job.ts';
import { Caller, newTally } from '../run/caller.ts';
import { pullUser, type UserOutcome } from '../run/pull-user.ts';
import type { Experience } from './cost.ts';

// Enough to see a list of another app, and few enough to leave the quota alone.
const CONCURRENCY = 4;
const MOST_OUTAGE_MS = 20_000;
// A user who needs more is as good as failed here; the run will try longer.
const MOST_ATTEMPTS = 3;

/** What a few users of the list told of all of them. */
export type SampleCheck = { readonly finding: Finding; readonly experience: Experience };

/**
 * Pulls some users of the list whole, at the job's rate and with its retries, and throws their rows away.
 * @throws {ApiUnusable} when the API goes away meanwhile
 */
export async function checkSample(
  job: Job,
  client: ChatApiClient,
  userIds: readonly string[],
  stop: AbortSignal,
): Promise<SampleCheck> {
  setMaxListeners(0, stop);
  const total = newTally();
  const caller = new Caller({
    ...job.pull,
    concurrency: Math.min(CONCURRENCY, job.pull.concurrency),
    maxAttempts: Math.min(MOST_ATTEMPTS, job.pull.maxAttempts),
    maxOutageMs: Math.min(MOST_OUTAGE_MS, job.pull.maxOutageMs),
    client,
    knownGood: null,
    onOutage: () => {},
    onTurn: () => {},
    abort: stop,
  });
  const settings = { ...job.rows, sdkAppId: job.api.sdkAppId, maxPages: job.pull.maxPages };
  const context = { urgency: 0, signal: stop, tallies: [total], onWait: () => {} };
  const outcomes = await Promise.all(userIds.map((userId) => pullUser(userId, caller, settings, context)));
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
  const exported = outcomes.length - unexported.length;
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
