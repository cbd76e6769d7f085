import { meaningOf } from '../chat-api/call-error.ts';
import { unansweredCures } from '../chat-api/error-table.ts';
import { type UnexportedReason, type UnexportedUserRow, unexportedReasons } from '../tables/tables.ts';

/** What kept a user from being exported, for people, and what usually mends it. */
export type Explanation = { readonly meaning: string; readonly cure: string };

// Where the API gave no code.
const cures: Readonly<Record<UnexportedReason, string>> = {
  not_in_app: meaningOf(50_001).cure,
  refused_by_api: 'please report it',
  transient_error: unansweredCures.unreached,
  page_refused: '--unknown-items skip lets items of unknown type pass; please report anything else',
  paging_broken: 'try these users again later (databases: --only-failed last); --max-pages allows more pages',
};

/** Explains why a user was not exported, by the API's code, else by the reason. */
export function explainUnexported({
  reason,
  error_code: code,
}: Pick<UnexportedUserRow, 'reason' | 'error_code'>): Explanation {
  // The column is a text, the list closed.
  const why = reason as UnexportedReason;
  if (code === null) return { meaning: unexportedReasons[why], cure: cures[why] };
  const { meaning, cure } = meaningOf(Number(code));
  return { meaning, cure };
}
