import { inflateSync } from 'node:zlib';
import { PaginationError } from './answer.ts';
import { CallError } from './call-error.ts';
import { SecretFinder } from './secret-finder.ts';

const USER_SIG_MARK = '[usersig]';
const SECRET_MARK = '[secret]';

/**
 * Takes secrets out of errors: the UserSig of a call, which a server or a proxy may quote back, and others that this process holds.
 */
export class Redactor {
  readonly #others: readonly string[];
  readonly #otherFinder: SecretFinder;
  #userSig = '';
  #finder = new SecretFinder([]);

  /** @param others whole, however short they are; those that are long enough also in part */
  constructor(others: readonly string[]) {
    // One that holds another goes first.
    this.#others = others.toSorted((a, b) => b.length - a.length);
    this.#otherFinder = new SecretFinder(others);
  }

  /** The UserSig that calls are made with from now on. */
  set userSig(userSig: string) {
    if (userSig === this.#userSig) return;
    this.#userSig = userSig;
    this.#finder = new SecretFinder([userSig, ...signatureIn(userSig)]);
  }

  text(text: string): string {
    const clean = this.#others.reduce((rest, secret) => rest.replaceAll(secret, SECRET_MARK), text);
    return this.#otherFinder.redacted(this.#finder.redacted(clean, USER_SIG_MARK), SECRET_MARK);
  }

  /** The error without secrets; without its cause, too, if one was there. */
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
    // A fault of the program, which is told with its stack.
    const { stack } = error;
    error.message = this.text(error.message);
    if (stack !== undefined) error.stack = this.text(stack);
    return error;
  }
}

/** The signature that a UserSig holds: with it and what is no secret, anybody can put the UserSig together again. */
function signatureIn(userSig: string): string[] {
  const base64 = userSig.replaceAll('*', '+').replaceAll('-', '/').replaceAll('_', '=');
  try {
    const document: unknown = JSON.parse(inflateSync(Buffer.from(base64, 'base64')).toString());
    const signature = (document as Record<string, unknown> | null)?.['TLS.sig'];
    return typeof signature === 'string' ? [signature] : [];
  } catch {
    // A UserSig of another version, or what somebody took for one.
    return [];
  }
}
