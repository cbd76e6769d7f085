import { meaningOf } from '../../chat-api/call-error.ts';
import { unansweredHints } from '../../chat-api/error-table.ts';
import { type UnexportedReason, type UnexportedUserRow, unexportedReasons } from '../../rows/tables.ts';

/** What failed, for people, and how to fix it. Sentences without an end. */
export type Explanation = { readonly description: string; readonly hint: string };

// Where the API gave no code.
const hintsOfReasons: Readonly<Record<UnexportedReason, string>> = {
  not_in_app: meaningOf(50_001).hint,
  api_error: 'please report it',
  transient_error: unansweredHints.unreached,
  invalid_page: 'please report it',
  pagination_error: 'try these users again later (databases: --retry-failed last)',
};

/** What kept a call from an answer, as calls are counted. */
const withoutAnswer: Readonly<Record<string, Explanation>> = {
  network: {
    description: 'no answer came: the connection failed, or it took longer than --timeout',
    hint: unansweredHints.unreached,
  },
  malformed: {
    description: 'the answer was not a known answer of the API',
    hint: unansweredHints.malformed,
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
    const isSkippable = cause === 'invalid_page' && infos.some((info) => UNKNOWN_TYPE.test(info ?? ''));
    const hint = isSkippable
      ? 'skip items of an unknown Type with --unknown-items skip'
      : hintsOfReasons[cause];
    return { description: unexportedReasons[cause], hint };
  }
  const unanswered = withoutAnswer[cause];
  if (unanswered !== undefined) return unanswered;
  const { description, hint } = meaningOf(Number(cause));
  return { description, hint };
}

/** Explains why a user was not exported, by the API's code, else by the reason. */
export const explainUnexported = ({
  reason,
  error_code: code,
  error_info: info,
}: Pick<UnexportedUserRow, 'reason' | 'error_code' | 'error_info'>): Explanation =>
  explainCause(String(code ?? reason), [info]);

const isReason = (cause: string): cause is UnexportedReason => Object.hasOwn(unexportedReasons, cause);
