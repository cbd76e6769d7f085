import { type ErrorClass, errorTable } from './error-table.ts';

/**
 * An unknown code fails its user. `malformed` is a body that is no answer of the API. `invalid-page` is an answer that cannot be
 * this user's page.
 */
export type CallErrorClass = ErrorClass | 'unknown' | 'malformed' | 'invalid-page';

type CallErrorParts = {
  readonly class: CallErrorClass;
  readonly message: string;
  /** A hint, at the end of the message. */
  readonly hint?: string | null;
  readonly code?: number | null;
  readonly info?: string;
  readonly retryAfterMs?: number | null;
  readonly cause?: unknown;
};

/** One failed attempt at a call. Its message is a whole sentence for people and never contains a UserSig. */
export class CallError extends Error {
  override readonly name = 'CallError';
  readonly class: CallErrorClass;
  /** The API's code; null when the call failed before the API answered. */
  readonly code: number | null;
  /** The API's own message, or our description without one. */
  readonly info: string;
  /** The message without the hint. */
  readonly summary: string;
  /** A hint, or null. */
  readonly hint: string | null;
  /** How long the answer asks to wait, ms; null when it does not. */
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

/** The same error with another hint, and possibly another class. */
export function withHint(error: CallError, hint: string | null, errorClass = error.class): CallError {
  const { summary: says, info, code, retryAfterMs } = error;
  return new CallError({ class: errorClass, message: says, hint, info, code, retryAfterMs });
}

/** The error for a code of the API, with the API's own message, and the table's description and hint. */
export function apiError(code: number, info: string): CallError {
  const { class: errorClass, description, hint } = explainCode(code);
  const said = info === '' ? '' : `; the API says ${JSON.stringify(info.slice(0, 500))}`;
  return new CallError({
    class: errorClass,
    code,
    message: `${code}: ${description}${said}`,
    hint,
    info: info.slice(0, 1000),
  });
}

/** The meaning of a code, known or unknown. */
export const explainCode = (
  code: number,
): { readonly class: CallErrorClass; readonly description: string; readonly hint: string } =>
  errorTable.get(code) ?? {
    class: 'unknown',
    description: 'a code that this version does not know',
    hint: "look it up in the vendor's list of error codes, and please report it",
  };
