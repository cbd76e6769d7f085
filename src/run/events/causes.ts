import { explainCode } from '../../chat-api/call-error.ts';
import { unansweredHints } from '../../chat-api/error-table.ts';
import { type UnexportedReason, type UnexportedUserRow, unexportedReasons } from '../../rows/tables.ts';

/** Why something failed, as text for people, and a hint. Neither ends with a full stop. */
export type Explanation = { readonly description: string; readonly hint: string };

// For failures without a code of the API.
const hintsOfReasons: Readonly<Record<UnexportedReason, string>> = {
  not_in_app: explainCode(50_001).hint,
  api_error: 'please report it',
  transient_error: unansweredHints.unreached,
  invalid_page: 'please report it',
  pagination_error: 'try these users again later (databases: --retry-failed last)',
};

/** The kinds of failures without an answer, as calls are counted. */
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

// The messages of `normalize` for such an error. Quoted values may have been removed.
const UNKNOWN_TYPE = /^an item has Type .*, neither 1 /;

/**
 * Explains the errors of calls or users: a code of the API, a reason why a user was not exported, or a kind of failure without an
 * answer.
 * @param infos the recorded details of users who failed with it
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
  const { description, hint } = explainCode(Number(cause));
  return { description, hint };
}

/** Explains why a user was not exported, by the API's code, or without one by the reason. */
export const explainUnexported = ({
  reason,
  error_code: code,
  error_info: info,
}: Pick<UnexportedUserRow, 'reason' | 'error_code' | 'error_info'>): Explanation =>
  explainCause(String(code ?? reason), [info]);

const isReason = (cause: string): cause is UnexportedReason => Object.hasOwn(unexportedReasons, cause);
