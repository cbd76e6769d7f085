import type { CheckResult } from '../destinations/contract/inspection.ts';
import { exitCodes } from '../errors/exit-codes.ts';
import type { UserRows } from '../rows/normalize.ts';
import { type ApiCaller, newTally } from '../run/calls/api-caller.ts';
import { ApiUnusable } from '../run/errors/run-errors.ts';
import { explainUnexported } from '../run/events/causes.ts';
import { type PullUserSettings, pullUser, type UserOutcome } from '../run/pull/pull-user.ts';
import type { Experience } from './cost.ts';

/** What a few users of the list told of all of them; `experience` is null when the API went away meanwhile. */
export type SampleCheck = { readonly finding: CheckResult; readonly experience: Experience | null };

/**
 * Pulls some users of the list whole, with retries, and throws their rows away.
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
  // What was let go tells nothing of the list.
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
      // Stricter than a run, which ends as if all were well: hours of quota are not to be spent on another app's list.
      exitCode: exitCodes.usage,
    };
  }
  // One whom a run would give up as well tells more than one with whom it would have more patience.
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
