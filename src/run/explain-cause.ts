import { type ErrorClass, errorTable } from '../chat-api/error-table.ts';
import { type UnexportedReason, unexportedReasons } from '../tables/tables.ts';

/** What a cause of failed calls or users is, and what somebody who finds it the next day can do. Sentences without an end. */
export type Explanation = { readonly meaning: string; readonly cure: string };

const again = '--only-failed pulls these users again';

const cures: Readonly<Record<ErrorClass, string>> = {
  transient: `it passes by itself; ${again}`,
  'transient-few': `${again}; if it stays, ask Tencent Cloud, with the message`,
  'user-few': `${again}; if it stays, look at the groups of these users in the console`,
  limit: 'somebody else uses the quota, or calls bunch on their way: lower --rate, or raise --rate-margin',
  'sign-again': 'give a secret key, which signs as often as is needed, or a newer UserSig',
  credential: 'compare --secret-key-file, --identifier and --sdk-app-id with the console',
  configuration: 'have the app set up for this in the console; --sdk-app-id and --region must be its own',
  'not-in-app': 'take them out of the list; --not-in-app remove also removes their rows of earlier runs',
  user: 'look at these accounts in the console, then pull them again with --only-failed',
  request: 'look whether these IDs are those of users; if they are, please report it',
};

const curesOfReasons: Readonly<Record<UnexportedReason, string>> = {
  not_in_app: cures['not-in-app'],
  refused_by_api: cures['transient-few'],
  transient_error: cures.transient,
  page_refused:
    'the message names the item; --unknown-items skip lets unknown types pass, anything else please report',
  paging_broken: cures['transient-few'],
};

/** What kept a call from an answer, as calls are counted. */
const withoutAnswer: Readonly<Record<string, string>> = {
  network: 'no answer came: the connection failed, or it took longer than --timeout',
  timeout: 'no answer came within --timeout',
  malformed: 'the answer was not what the API is known to say',
};

/** @param cause a code of the API, a reason why a user was not exported, or what calls without an answer are counted by */
export function explainCause(cause: string): Explanation {
  const known = errorTable.get(Number(cause));
  if (known !== undefined) return { meaning: known.meaning, cure: cures[known.class] };
  if (isReason(cause)) return { meaning: unexportedReasons[cause], cure: curesOfReasons[cause] };
  const meaning = withoutAnswer[cause];
  if (meaning !== undefined) return { meaning, cure: cures['transient-few'] };
  return { meaning: 'not known to this version', cure: cures['transient-few'] };
}

const isReason = (cause: string): cause is UnexportedReason => Object.hasOwn(unexportedReasons, cause);
