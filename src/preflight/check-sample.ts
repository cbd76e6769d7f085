import type { CheckResult } from '../destinations/contract/inspection.ts';
import { exitCodes } from '../errors/exit-codes.ts';
import type { UserRows } from '../rows/normalize.ts';
import { type ApiCaller, newTally } from '../run/calls/api-caller.ts';
import { ApiUnusable } from '../run/errors/run-errors.ts';
import { explainUnexported } from '../run/events/causes.ts';
import { type PullUserSettings, pullUser, type UserOutcome } from '../run/pull/pull-user.ts';
import type { Experience } from './cost.ts';

/** The findings of a sample of the list; `experience` is null when the API became unavailable meanwhile. */
export type SampleCheck = { readonly finding: CheckResult; readonly experience: Experience | null };

/**
 * Pulls some users of the list completely, with retries, and discards their rows.
 * @throws the reason of `stop`
 */
export async function checkSample(
  settings: PullUserSettings,
  caller: ApiCaller,
  userIds: readonly string[],
  stop: AbortSignal,
): Promise<SampleCheck> {
  const total = newTally();
  const context = { priority: 0, signal: stop, tallies: [total], onWait: () => {} };
  let conversations = 0;
  const count = (rows: UserRows): void => {
    conversations += rows.conversations.length;
  };
  let outcomes: readonly UserOutcome[];
  try {
    outcomes = await Promise.all(userIds.map((userId) => pullUser(userId, caller, settings, context, count)));
  } catch (error) {
    if (!(error instanceof ApiUnusable)) throw error;
    return { finding: unusable(error), experience: null };
  }
  // Deferred users say nothing about the list.
  stop.throwIfAborted();
  return {
    finding: sampleFinding(outcomes),
    experience: { users: userIds.length, calls: total.calls, conversations, from: 'the sample' },
  };
}

const unusable = ({ message }: ApiUnusable): CheckResult => ({
  subject: 'users',
  state: 'fail',
  message: `the first call was answered, and then, for users of the list: ${message}`,
  hint: 'check again; if this lasts, check the app in the console, and the network path to the API',
  exitCode: exitCodes.api,
});

function sampleFinding(outcomes: readonly UserOutcome[]): CheckResult {
  const unexported = outcomes.flatMap((outcome) => (outcome.kind === 'unexported' ? [outcome.row] : []));
  const failed = unexported.filter(({ reason }) => reason !== 'not_in_app');
  const notInApp = unexported.length - failed.length;
  const exported = outcomes.filter(({ kind }) => kind === 'exported').length;
  const message =
    `tried ${outcomes.length} users from all over the list: ${exported} exported` +
    `${notInApp > 0 ? `, ${notInApp} not in the app` : ''}${failed.length > 0 ? `, ${failed.length} failed` : ''}`;
  if (notInApp === outcomes.length) {
    return {
      subject: 'users',
      state: 'fail',
      message,
      hint: "is this the list of this app's users? IDs are case-sensitive; a run would export no user",
      // Stricter than a run, which would end successfully: hours of quota must not be spent on another app's list.
      exitCode: exitCodes.usage,
    };
  }
  // A user whom a run would fail, too, says more than one for whom it would try longer.
  const forGood = failed.find(({ reason }) => reason !== 'transient_error');
  const example = forGood ?? failed[0];
  if (example === undefined) return { subject: 'users', state: 'pass', message };
  const code = example.error_code === null ? '' : ` ${example.error_code}`;
  const { description, hint } = explainUnexported(example);
  const found = {
    subject: 'users',
    message: `${message}; user ${example.user_id}: ${example.reason}${code} (${description}): ${example.error_info}`,
  };
  return forGood === undefined
    ? { ...found, state: 'warn', hint: 'a run tries longer, and lists the users that it cannot export' }
    : {
        ...found,
        state: 'fail',
        hint: `${hint}; a run exports the others, lists the failed users, and ends with 3`,
        exitCode: exitCodes.someUsersFailed,
      };
}
