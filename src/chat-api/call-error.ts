import { type ErrorClass, errorTable } from './error-table.ts';

/**
 * A code that the table does not know fails its user; `malformed` is an answer that is none, `invalid-page` one that the API gave
 * and that cannot be this user's page as it is.
 */
export type CallErrorClass = ErrorClass | 'unknown' | 'malformed' | 'invalid-page';

type CallErrorParts = {
  readonly class: CallErrorClass;
  readonly message: string;
  /** What usually mends it; it ends the message. */
  readonly hint?: string | null;
  readonly code?: number | null;
  readonly info?: string;
  readonly retryAfterMs?: number | null;
  readonly cause?: unknown;
};

/** One attempt at a call did not succeed. Its message is a whole sentence for people and never holds a UserSig. */
export class CallError extends Error {
  override readonly name = 'CallError';
  readonly class: CallErrorClass;
  /** The API's code; null where the call failed before the API answered. */
  readonly code: number | null;
  /** What the API itself said of it, or `says` where it said nothing. */
  readonly info: string;
  /** The message without the hint. */
  readonly summary: string;
  /** What usually mends it, or null. */
  readonly hint: string | null;
  /** How long the one who answered asks to wait, ms; null where it does not ask. */
  readonly retryAfterMs: number | null;

  constructor({ message, cause, code, info, hint, retryAfterMs, ...rest }: CallErrorParts) {
    super(hint ? `${message}; ${hint}` : message, cause === undefined ? undefined : { cause });
    this.class = rest.class;
    this.code = code ?? null;
    this.info = info ?? message;
    this.summary = message;
    this.hint = hint ?? null;
    this.retryAfterMs = retryAfterMs ?? null;
  }
}

/** The same error with another hint than the usual one; it may turn out to be of another class. */
export function withHint(error: CallError, hint: string | null, errorClass = error.class): CallError {
  const { summary: says, info, code, retryAfterMs } = error;
  return new CallError({ class: errorClass, message: says, hint, info, code, retryAfterMs });
}

/** The error for a code of the API, with what the API itself said, and the table's description and hint. */
export function apiError(code: number, info: string): CallError {
  const { class: errorClass, description, hint } = meaningOf(code);
  const said = info === '' ? '' : `; the API says ${JSON.stringify(info.slice(0, 500))}`;
  return new CallError({
    class: errorClass,
    code,
    message: `${code}: ${description}${said}`,
    hint,
    info: info.slice(0, 1000),
  });
}

/** What a code means, whether the table knows it or not. */
export const meaningOf = (
  code: number,
): { readonly class: CallErrorClass; readonly description: string; readonly hint: string } =>
  errorTable.get(code) ?? {
    class: 'unknown',
    description: 'a code that this version does not know',
    hint: "look it up in the vendor's list of error codes, and please report it",
  };
