import { type ErrorClass, errorTable } from './error-table.ts';

/** A code that the table does not know fails its user; `malformed` is an answer that is none. */
export type CallErrorClass = ErrorClass | 'unknown' | 'malformed';

type CallErrorParts = {
  readonly class: CallErrorClass;
  readonly message: string;
  readonly code?: number;
  readonly info?: string;
  readonly cause?: unknown;
};

/** One attempt at a call did not succeed. Its message is a whole sentence for people and never holds a UserSig. */
export class CallError extends Error {
  override readonly name = 'CallError';
  readonly class: CallErrorClass;
  /** The API's code; null where the call failed before the API answered. */
  readonly code: number | null;
  /** What the API itself said of it, or this error's message where it said nothing. */
  readonly info: string;

  constructor({ message, cause, code, info, ...rest }: CallErrorParts) {
    super(message, cause === undefined ? undefined : { cause });
    this.class = rest.class;
    this.code = code ?? null;
    this.info = info ?? message;
  }
}

/** The same error with more to do about it; it may turn out to be of another class. */
export function withAdvice(error: CallError, advice: string, errorClass = error.class): CallError {
  return new CallError({
    class: errorClass,
    message: `${error.message}; ${advice}`,
    info: error.info,
    ...(error.code === null ? {} : { code: error.code }),
  });
}

/** The error for a code of the API, with the table's meaning and what the API itself said. */
export function apiError(code: number, info: string): CallError {
  const entry = errorTable.get(code);
  const meaning = entry?.meaning ?? 'a code that this version does not know';
  const said = info === '' ? '' : `; the API says ${JSON.stringify(info.slice(0, 500))}`;
  return new CallError({
    class: entry?.class ?? 'unknown',
    code,
    message: `${code}: ${meaning}${said}`,
    info: info.slice(0, 1000),
  });
}
