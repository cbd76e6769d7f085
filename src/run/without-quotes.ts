import { PagingBroken } from '../chat-api/answer.ts';
import { CallError, meaningOf } from '../chat-api/call-error.ts';
import { PageRefused } from '../tables/page.ts';

/**
 * The error without what the API's answer held, where an ID of a user must not be told: of a code its meaning, of anything else
 * what the program says of it, with `"…"` in the place of what it quotes. What is no error of an answer is left as it is.
 */
export function withoutQuotes(error: unknown): unknown {
  if (error instanceof PageRefused) return new PageRefused(masked(error.message));
  if (error instanceof PagingBroken) return new PagingBroken(masked(error.message));
  if (!(error instanceof CallError)) return error;
  const { class: errorClass, code, cure } = error;
  const message = code === null ? masked(error.says) : `${code}: ${meaningOf(code).meaning}`;
  return new CallError({ class: errorClass, code, message, cure });
}

// As messages show a text: as JSON, perhaps cut short, so that the closing quote is missing.
const QUOTED = /"(?:[^"\\]|\\.)*"?/gs;
// And a number, of which an ID may consist.
const SHOWN_NUMBER = /\b(is|number) -?\d[\d.e+-]*/g;

/** A message without the values that it shows. */
export const masked = (text: string): string =>
  text.replaceAll(QUOTED, '"…"').replaceAll(SHOWN_NUMBER, '$1 …');
