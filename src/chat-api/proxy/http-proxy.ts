import type { Revealable } from '../credentials.ts';

/** A proxy that connects to others on CONNECT. */
export type HttpProxy = {
  /** `http://` or `https://`, with user and password where it has them; checked. */
  readonly url: Revealable;
  /** Scheme, host and port. */
  readonly shown: string;
  /** The variable that it came from. */
  readonly variable: string;
};

// A shorter one would stand in many texts by chance.
const SHORTEST_SECRET = 4;

/** How a proxy is named in messages. */
export const proxyName = ({ shown, variable }: HttpProxy): string => `the proxy ${shown} (${variable})`;

/** What `Proxy-Authorization` says to the proxy (RFC 7617, UTF-8); null when its URL has no user. */
export function authorizationOf({ url }: HttpProxy): string | null {
  const { username, password } = new URL(url.reveal());
  if (username === '' && password === '') return null;
  const pair = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`;
  return `Basic ${Buffer.from(pair).toString('base64')}`;
}

/** The password of a proxy in all the ways in which somebody who is told it may write it. */
export function proxySecrets(proxy: HttpProxy): string[] {
  const { password } = new URL(proxy.url.reveal());
  const encoded = authorizationOf(proxy)?.replace('Basic ', '') ?? '';
  return [encoded, password, decodeURIComponent(password)].filter(({ length }) => length >= SHORTEST_SECRET);
}
