import { PaginationError } from '../../chat-api/answer.ts';
import { CallError, meaningOf } from '../../chat-api/call-error.ts';
import { InvalidPage } from '../../rows/page.ts';

/**
 * The error without what the API's answer held, where an ID of a user must not be told: of a code its description, of anything else
 * what the program says of it, with `"…"` in the place of what it quotes. What is no error of an answer is left as it is.
 */
export function redactQuotes(error: unknown): unknown {
  if (error instanceof InvalidPage) return new InvalidPage(redactQuoted(error.message));
  if (error instanceof PaginationError) return new PaginationError(redactQuoted(error.message));
  if (!(error instanceof CallError)) return error;
  const { class: errorClass, code, hint, retryAfterMs } = error;
  const parts = { class: errorClass, hint, retryAfterMs };
  if (code === null) return new CallError({ ...parts, message: redactQuoted(error.summary) });
  const { description } = meaningOf(code);
  return Math.abs(code) <= LAST_CODE
    ? new CallError({ ...parts, code, message: `${code}: ${description}` })
    : new CallError({ ...parts, message: description });
}

// As messages show a text: as JSON, perhaps cut short, so that the closing quote is missing.
const QUOTED = /"(?:[^"\\]|\\.)*"?/gs;
// And a number, of which an ID may consist, after the words that messages show one with.
const SHOWN_NUMBER = /\b(is|Type|CompleteFlag|NextStartIndex) -?\d[\d.eE+-]*/g;
// The API's codes have six digits at most.
const LAST_CODE = 999_999;

/** A message without the values that it shows. */
export const redactQuoted = (text: string): string =>
  text.replaceAll(QUOTED, '"…"').replaceAll(SHOWN_NUMBER, '$1 …');
