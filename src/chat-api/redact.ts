import { inflateSync } from 'node:zlib';
import { PaginationError } from './answer.ts';
import { CallError } from './call-error.ts';
import { SecretFinder } from './secret-finder.ts';

const USER_SIG_MARK = '[usersig]';
const SECRET_MARK = '[secret]';

/** Removes secrets from errors: the UserSig of a call, which a server or a proxy may quote, and other secrets of this process. */
export class Redactor {
  readonly #others: readonly string[];
  readonly #otherFinder: SecretFinder;
  #userSig = '';
  #finder = new SecretFinder([]);

  /** @param others removed whole at any length, and in part if they are long enough */
  constructor(others: readonly string[]) {
    // A secret that contains another goes first.
    this.#others = others.toSorted((a, b) => b.length - a.length);
    this.#otherFinder = new SecretFinder(others);
  }

  /** The UserSig of calls from now on. */
  set userSig(userSig: string) {
    if (userSig === this.#userSig) return;
    this.#userSig = userSig;
    this.#finder = new SecretFinder([userSig, ...signatureIn(userSig)]);
  }

  text(text: string): string {
    const clean = this.#others.reduce((rest, secret) => rest.replaceAll(secret, SECRET_MARK), text);
    return this.#otherFinder.redacted(this.#finder.redacted(clean, USER_SIG_MARK), SECRET_MARK);
  }

  /** The error without secrets, and without its cause if that had one. */
  error(error: unknown): unknown {
    if (error instanceof PaginationError) return new PaginationError(this.text(error.message));
    if (error instanceof CallError) {
      const { class: errorClass, code, summary: says, info, hint, retryAfterMs } = error;
      return new CallError({
        class: errorClass,
        message: this.text(says),
        hint: hint === null ? null : this.text(hint),
        info: this.text(info),
        code,
        retryAfterMs,
      });
    }
    if (!(error instanceof Error)) return error;
    // A fault of the program, which is reported with its stack.
    const { stack } = error;
    error.message = this.text(error.message);
    if (stack !== undefined) error.stack = this.text(stack);
    return error;
  }
}

/** The signature in a UserSig: with it and public values, anyone can rebuild the UserSig. */
function signatureIn(userSig: string): string[] {
  const base64 = userSig.replaceAll('*', '+').replaceAll('-', '/').replaceAll('_', '=');
  try {
    const document: unknown = JSON.parse(inflateSync(Buffer.from(base64, 'base64')).toString());
    const signature = (document as Record<string, unknown> | null)?.['TLS.sig'];
    return typeof signature === 'string' ? [signature] : [];
  } catch {
    // A UserSig of another version, or another text in its place.
    return [];
  }
}
