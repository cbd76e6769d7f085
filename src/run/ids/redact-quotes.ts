import { PaginationError } from '../../chat-api/answer.ts';
import { CallError, explainCode } from '../../chat-api/call-error.ts';
import { InvalidPage } from '../../rows/page.ts';

/**
 * The error without the values of the API's answer, for messages that must not show a user ID. Of a code, the description is
 * kept. Of any other error, the program's own text is kept, with `"…"` in place of each quoted value. Errors that do not come
 * from an answer are unchanged.
 */
export function redactQuotes(error: unknown): unknown {
  if (error instanceof InvalidPage) return new InvalidPage(redactQuoted(error.message));
  if (error instanceof PaginationError) return new PaginationError(redactQuoted(error.message));
  if (!(error instanceof CallError)) return error;
  const { class: errorClass, code, hint, retryAfterMs } = error;
  const parts = { class: errorClass, hint, retryAfterMs };
  if (code === null) return new CallError({ ...parts, message: redactQuoted(error.summary) });
  const { description } = explainCode(code);
  return Math.abs(code) <= LAST_CODE
    ? new CallError({ ...parts, code, message: `${code}: ${description}` })
    : new CallError({ ...parts, message: description });
}

// Messages quote texts as JSON. A quote may be cut short, and then has no closing quotation mark.
const QUOTED = /"(?:[^"\\]|\\.)*"?/gs;
// A number can be a user ID, too. These are the words that come before a number in messages.
const SHOWN_NUMBER = /\b(is|Type|CompleteFlag|NextStartIndex) -?\d[\d.eE+-]*/g;
// The API's codes have at most six digits.
const LAST_CODE = 999_999;

/** A message without the values that it quotes. */
export const redactQuoted = (text: string): string =>
  text.replaceAll(QUOTED, '"…"').replaceAll(SHOWN_NUMBER, '$1 …');
