import { Secret } from '../../secrets/secret.ts';
import { isLoopback } from './endpoint.ts';

export type TypedPing = { readonly url: Secret; readonly shown: string };

const expected = 'expected a ping URL such as https://hc-ping.com/UUID';

/**
 * The URL of a monitoring service for pings. Anyone who knows its path can ping, so it travels encrypted.
 * @throws RangeError with a sentence that does not repeat the value
 */
export function parsePing(text: string): TypedPing {
  const trimmed = text.trim();
  if (!/^https?:\/\//i.test(trimmed) || !URL.canParse(trimmed)) throw new RangeError(expected);
  const url = new URL(trimmed);
  if (url.username !== '' || url.password !== '' || url.hash !== '') {
    throw new RangeError(`${expected}, without user, password and #`);
  }
  if (url.protocol === 'http:' && !isLoopback(url.hostname)) {
    throw new RangeError('a ping never travels over plain http:// except to this machine; use https://');
  }
  return { url: new Secret(url.href), shown: url.origin };
}
