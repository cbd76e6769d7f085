import { ExactNumber, nearest } from '../json/exact-number.ts';
import { parseExactly } from '../json/parse-exactly.ts';
import type { ContactGroupPage } from '../rows/page.ts';
import { apiError, CallError } from './call-error.ts';
import { unansweredHints } from './error-table.ts';

/** The start of a page: 0 for the first, then the value of the page before; opaque, never computed. */
export type StartIndex = number | string;

/** One successful answer. `next` is null on the last page. */
export type Page = ContactGroupPage & { readonly next: StartIndex | null };

/** A page whose paging fields cannot be followed. The message is for people. */
export class PaginationError extends Error {
  override readonly name = 'PaginationError';
}

/** Facts about an answer besides its text. */
export type AnswerOf = {
  /** Whether its bytes were all valid UTF-8. */
  readonly isUtf8?: boolean;
  /** The user of the call. */
  readonly userId?: string;
};

/**
 * Reads the body of an answer. ActionStatus and ErrorCode decide about success, whatever the HTTP status is. Shape:
 * `{ActionStatus, ErrorCode, ErrorInfo, ContactItem?, GroupItem?, CompleteFlag, NextStartIndex}` (the vendor's page).
 * @throws {CallError} for a failure that the API reports, or a body that is no answer
 * @throws {PaginationError} when the paging fields are inconsistent
 */
export function readAnswer(body: string, { isUtf8 = true, userId }: AnswerOf = {}): Page {
  const answer = parseObject(body);
  const code = readCode(answer.ErrorCode);
  const info = typeof answer.ErrorInfo === 'string' ? answer.ErrorInfo : '';
  if (code === null || typeof answer.ActionStatus !== 'string') {
    throw malformed('the answer has no ActionStatus and ErrorCode', body);
  }
  if (code !== 0) throw apiError(code, info);
  if (answer.ActionStatus !== 'OK') {
    throw malformed(`the answer says ErrorCode 0 but ActionStatus ${shown(answer.ActionStatus)}`, body);
  }
  // Two IDs that differ only in invalid bytes would look the same. A refusal is reported anyway: its text is for people.
  if (!isUtf8) throw invalid('the answer is not UTF-8');
  const owner = answer.From_Account;
  if (userId !== undefined && typeof owner === 'string' && owner !== userId) {
    throw invalid(`the answer is about another user, From_Account ${shown(owner)}`);
  }
  return {
    contactItems: readList(answer.ContactItem, 'ContactItem', body),
    groupItems: readList(answer.GroupItem, 'GroupItem', body),
    next: readNext(answer),
  };
}

/** True when a text looks like an answer of the API, whatever the HTTP status. */
export const looksLikeAnswer = (body: string): boolean =>
  body.trimStart().startsWith('{') && body.includes('"ErrorCode"');

function parseObject(body: string): Record<string, unknown> {
  let value: unknown;
  try {
    value = parseExactly(body);
  } catch {
    throw malformed('the answer is not JSON', body);
  }
  if (!isObject(value)) {
    throw malformed('the answer is not a JSON object', body);
  }
  return value;
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof ExactNumber);

function readCode(given: unknown): number | null {
  const value = nearest(given);
  const code = typeof value === 'string' && /^\d{1,9}$/.test(value) ? Number(value) : value;
  return typeof code === 'number' && Number.isSafeInteger(code) ? code : null;
}

function readList(value: unknown, field: string, body: string): readonly unknown[] {
  if (value === undefined || value === null) return [];
  if (!Array.isArray(value)) throw malformed(`${field} is not a list`, body);
  return value;
}

function readNext(answer: Record<string, unknown>): StartIndex | null {
  const flag = nearest(answer.CompleteFlag);
  if (flag === 1 || flag === '1') return null;
  if (flag !== 0 && flag !== '0') {
    const given = flag === undefined ? 'no CompleteFlag' : `CompleteFlag ${shown(answer.CompleteFlag)}`;
    throw new PaginationError(`a page has ${given}, neither 0 (more) nor 1 (the last)`);
  }
  const next = nearest(answer.NextStartIndex);
  if (typeof next === 'string' || (typeof next === 'number' && Number.isSafeInteger(next))) return next;
  const given = next === undefined ? 'missing' : shown(answer.NextStartIndex);
  throw new PaginationError(`a page says that there is more, but its NextStartIndex is ${given}`);
}

const MAX_SHOWN = 60;

/** A value for a message: short, on one line. Nested values, which may be deep, are not shown. */
export const shown = (value: unknown): string => {
  if (value instanceof ExactNumber) return value.text.slice(0, MAX_SHOWN);
  return typeof value === 'object' && value !== null
    ? 'not a plain value'
    : JSON.stringify(value).slice(0, MAX_SHOWN);
};

const invalid = (message: string): CallError =>
  new CallError({ class: 'invalid-page', message, hint: unansweredHints.malformed });

function malformed(problem: string, body: string): CallError {
  const start = body.length === 0 ? 'it is empty' : `it begins ${JSON.stringify(body.slice(0, 80))}`;
  return new CallError({
    class: 'malformed',
    message: `${problem}; ${start}`,
    hint: unansweredHints.malformed,
  });
}
