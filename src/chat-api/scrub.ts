import { inspect } from 'node:util';
import { PagingBroken } from './answer.ts';
import { CallError } from './call-error.ts';

// So many characters tell a UserSig; what quotes one may have cut it short or escaped some of it.
const TELLTALE = 16;

/**
 * The error without the UserSig and without other secrets, which a server or a proxy may quote back: without its cause,
 * too, if one is there.
 */
export function scrubbed(error: unknown, userSig: string, others: readonly string[]): unknown {
  const start = userSig.slice(0, TELLTALE);
  const shapes = inspect(error, { depth: null, maxStringLength: null });
  if (![start, ...others].some((secret) => shapes.includes(secret))) return error;
  const quoted = new RegExp(`${start.replaceAll('*', '\\*')}[\\w*%-]*`, 'g');
  const clean = (text: string): string =>
    others.reduce(
      (cleaned, secret) => cleaned.replaceAll(secret, '[secret]'),
      text.replaceAll(quoted, '[usersig]'),
    );
  if (error instanceof PagingBroken) return new PagingBroken(clean(error.message));
  if (!(error instanceof CallError)) return error;
  return new CallError({
    class: error.class,
    message: clean(error.says),
    cure: error.cure === null ? null : clean(error.cure),
    info: clean(error.info),
    code: error.code,
  });
}
