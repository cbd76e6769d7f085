import type { Revealable } from '../credentials.ts';

/** A proxy that tunnels by CONNECT. */
export type HttpProxy = {
  /** `http://` or `https://`, with user and password if it has them; checked. */
  readonly url: Revealable;
  /** Scheme, host and port. */
  readonly shown: string;
  /** The variable that names it. */
  readonly variable: string;
};

// A shorter one would occur in many texts by chance.
const SHORTEST_SECRET = 4;

/** The proxy's name in messages. */
export const proxyName = ({ shown, variable }: HttpProxy): string => `the proxy ${shown} (${variable})`;

/** The `Proxy-Authorization` header (RFC 7617, UTF-8); null when its URL has no user. */
export function proxyAuthorization({ url }: HttpProxy): string | null {
  const { username, password } = new URL(url.reveal());
  if (username === '' && password === '') return null;
  const pair = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`;
  return `Basic ${Buffer.from(pair).toString('base64')}`;
}

/** The password of a proxy in all forms in which an error may quote it. */
export function proxySecrets(proxy: HttpProxy): string[] {
  const { password } = new URL(proxy.url.reveal());
  const encoded = proxyAuthorization(proxy)?.replace('Basic ', '') ?? '';
  return [encoded, password, decodeURIComponent(password)].filter(({ length }) => length >= SHORTEST_SECRET);
}
