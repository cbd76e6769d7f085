import { type ErrorClass, errorTable } from '../chat-api/error-table.ts';
import type { JobDestination } from '../job/job.ts';
import { type UnexportedReason, unexportedReasons } from '../tables/tables.ts';

/** What a cause of failed calls or users is, and what somebody who finds it the next day can do. Sentences without an end. */
export type Explanation = { readonly meaning: string; readonly cure: string };

/** @param again how users are pulled again */
const cures = (again: string): Readonly<Record<ErrorClass, string>> => ({
  transient: `it passes by itself; ${again}`,
  'transient-few': `${again}; if it stays, ask Tencent Cloud, with the message`,
  'user-few': `${again}; if it stays, look at the groups of these users in the console`,
  limit: 'somebody else uses the quota, or calls bunch on their way: lower --rate, or raise --rate-margin',
  'sign-again': 'give a secret key, which signs as often as is needed, or a newer UserSig',
  credential: 'compare --secret-key-file, --identifier and --sdk-app-id with the console',
  configuration: 'have the app set up for this in the console; --sdk-app-id and --region must be its own',
  'not-in-app': 'take them out of the list; --not-in-app remove also removes their rows of earlier runs',
  user: `look at these accounts in the console; then, ${again}`,
  request: 'look whether these IDs are those of users; if they are, please report it',
});

const curesOfReasons = (again: string): Readonly<Record<UnexportedReason, string>> => ({
  not_in_app: cures(again)['not-in-app'],
  refused_by_api: cures(again)['transient-few'],
  transient_error: cures(again).transient,
  page_refused:
    'the message names the item; --unknown-items skip lets unknown types pass, anything else please report',
  paging_broken: cures(again)['transient-few'],
});

/** What kept a call from an answer, as calls are counted. */
const withoutAnswer: Readonly<Record<string, string>> = {
  network: 'no answer came: the connection failed, or it took longer than --timeout',
  malformed: 'the answer was not what the API is known to say',
};

const isReason = (cause: string): cause is UnexportedReason => Object.hasOwn(unexportedReasons, cause);

/**
 * Explains what calls failed with, or users: a code of the API, a reason why a user was not exported, or what calls without
 * an answer are counted by.
 * @param kind of the destination: files take no failed users of a former run
 */
export function causesIn(kind: JobDestination['kind']): (cause: string) => Explanation {
  const again =
    kind === 'csv'
      ? 'the next run of the list pulls these users again'
      : '--only-failed pulls these users again';
  const cureOf = cures(again);
  return (cause) => {
    const known = errorTable.get(Number(cause));
    if (known !== undefined) return { meaning: known.meaning, cure: cureOf[known.class] };
    if (isReason(cause)) return { meaning: unexportedReasons[cause], cure: curesOfReasons(again)[cause] };
    return { meaning: withoutAnswer[cause] ?? 'not known to this version', cure: cureOf['transient-few'] };
  };
}
