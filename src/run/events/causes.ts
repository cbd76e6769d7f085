import { meaningOf } from '../../chat-api/call-error.ts';
import { unansweredCures } from '../../chat-api/error-table.ts';
import { type UnexportedReason, type UnexportedUserRow, unexportedReasons } from '../../rows/tables.ts';

/** What failed, for people, and what usually mends it. Sentences without an end. */
export type Explanation = { readonly meaning: string; readonly cure: string };

// Where the API gave no code.
const curesOfReasons: Readonly<Record<UnexportedReason, string>> = {
  not_in_app: meaningOf(50_001).cure,
  refused_by_api: 'please report it',
  transient_error: unansweredCures.unreached,
  page_refused: 'please report it',
  paging_broken: 'try these users again later (databases: --only-failed last); --max-pages allows more pages',
};

/** What kept a call from an answer, as calls are counted. */
const withoutAnswer: Readonly<Record<string, Explanation>> = {
  network: {
    meaning: 'no answer came: the connection failed, or it took longer than --timeout',
    cure: unansweredCures.unreached,
  },
  malformed: {
    meaning: 'the answer was not what the API is known to say',
    cure: unansweredCures.malformed,
  },
};

// What `normalize` says of one. Quotes may have been taken out of it.
const UNKNOWN_TYPE = /^an item has Type .*, neither 1 /;

/**
 * Explains what calls failed with, or users: a code of the API, a reason why a user was not exported, or what calls without
 * an answer are counted by.
 * @param infos what is noted of users who failed with it
 */
export function explainCause(cause: string, infos: readonly (string | null)[] = []): Explanation {
  if (isReason(cause)) {
    const isSkippable = cause === 'page_refused' && infos.some((info) => UNKNOWN_TYPE.test(info ?? ''));
    const cure = isSkippable
      ? 'leave items of an unknown Type out with --unknown-items skip'
      : curesOfReasons[cause];
    return { meaning: unexportedReasons[cause], cure };
  }
  const unanswered = withoutAnswer[cause];
  if (unanswered !== undefined) return unanswered;
  const { meaning, cure } = meaningOf(Number(cause));
  return { meaning, cure };
}

/** Explains why a user was not exported, by the API's code, else by the reason. */
export const explainUnexported = ({
  reason,
  error_code: code,
  error_info: info,
}: Pick<UnexportedUserRow, 'reason' | 'error_code' | 'error_info'>): Explanation =>
  explainCause(String(code ?? reason), [info]);

const isReason = (cause: string): cause is UnexportedReason => Object.hasOwn(unexportedReasons, cause);
