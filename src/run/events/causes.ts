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
  page_refused: 'where its Type is unknown, --unknown-items skip leaves it out; please report anything else',
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

/**
 * Explains what calls failed with, or users: a code of the API, a reason why a user was not exported, or what calls without
 * an answer are counted by.
 */
export function explainCause(cause: string): Explanation {
  if (isReason(cause)) return { meaning: unexportedReasons[cause], cure: curesOfReasons[cause] };
  const unanswered = withoutAnswer[cause];
  if (unanswered !== undefined) return unanswered;
  const { meaning, cure } = meaningOf(Number(cause));
  return { meaning, cure };
}

/** Explains why a user was not exported, by the API's code, else by the reason. */
export const explainUnexported = ({
  reason,
  error_code: code,
}: Pick<UnexportedUserRow, 'reason' | 'error_code'>): Explanation => explainCause(String(code ?? reason));

const isReason = (cause: string): cause is UnexportedReason => Object.hasOwn(unexportedReasons, cause);
