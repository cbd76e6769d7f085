import { isIPv4 } from 'node:net';

const expected = 'expected an API host such as https://chat.example.com';

/**
 * The origin of a given API host. The UserSig travels in the query, so plain http is for this machine only.
 * @throws RangeError with a sentence that does not repeat the value
 */
export function parseEndpoint(text: string): string {
  const trimmed = text.trim();
  if (!/^https?:\/\//i.test(trimmed) || !URL.canParse(trimmed)) throw new RangeError(expected);
  const url = new URL(trimmed);
  if (url.username !== '' || url.password !== '')
    throw new RangeError(`${expected}, without user and password`);
  if (url.pathname !== '/' || /[?#\\]/.test(trimmed))
    throw new RangeError(`${expected}, without path and query`);
  if (url.protocol === 'http:' && !isLoopback(url.hostname)) {
    throw new RangeError('a UserSig never travels over plain http:// except to this machine; use https://');
  }
  return url.origin;
}

/** True for the host of a URL that is this machine itself. */
export function isLoopback(hostname: string): boolean {
  return (
    hostname === 'localhost' || hostname === '[::1]' || (isIPv4(hostname) && hostname.startsWith('127.'))
  );
}
