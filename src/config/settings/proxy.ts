import { Secret } from '../../secrets/secret.ts';
import type { ProxySettings } from '../model/job.ts';
import { isLoopback } from '../parse/endpoint.ts';

type Environment = Readonly<Record<string, string | undefined>>;

const example = 'http://proxy.example.com:3128';
const noHttpProxy = `expected an HTTP proxy such as ${example}`;

/**
 * The proxy that the environment names for https://, or null. The lower-case variable counts before the upper-case one, as in
 * curl, and an empty one counts as missing. An API on this machine is called directly: a UserSig in plain http must not leave the
 * machine, and no proxy elsewhere could reach it. An invalid variable is reported, unless there is a NO_PROXY: whether that
 * exempts the API is known only with the host of its region.
 */
export function proxyFromEnvironment(
  env: Environment,
  endpoint: string | null,
  report: (problem: string) => void,
): ProxySettings | null {
  if (endpoint !== null && isLoopback(new URL(endpoint).hostname)) return null;
  const given = firstSet(env, ['https_proxy', 'HTTPS_PROXY']);
  if (given === null) return null;
  const { variable, text } = given;
  const noProxy = firstSet(env, ['no_proxy', 'NO_PROXY'])?.text ?? '';
  try {
    const url = parseProxy(text);
    const shown = `${url.protocol}//${url.host}`;
    return { variable, noProxy, problem: null, url: new Secret(url.href), shown };
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    const problem = `${variable}: ${error.message}`;
    if (noProxy === '') report(problem);
    return { variable, noProxy, problem };
  }
}

/**
 * `http://HOST:PORT` or `https://HOST:PORT`, with or without `USER:PASSWORD@`; `HOST:PORT` alone is an http:// one.
 * @throws RangeError with a sentence that repeats nothing of the value, since it may contain a password
 */
function parseProxy(text: string): URL {
  const trimmed = text.trim();
  const hasScheme = /^[a-z][a-z0-9+.-]*:\/\//i.test(trimmed);
  if (!hasScheme && !/:\d+\/?$/.test(trimmed)) throw new RangeError(noHttpProxy);
  const full = hasScheme ? trimmed : `http://${trimmed}`;
  if (/^socks/i.test(full)) throw new RangeError(`${noHttpProxy}; SOCKS is not supported`);
  if (!/^https?:/i.test(full) || !URL.canParse(full)) throw new RangeError(noHttpProxy);
  const url = new URL(full);
  if (url.pathname !== '/' || url.search !== '' || url.hash !== '') {
    throw new RangeError(
      `${noHttpProxy}, without a path; in user and password, write / ? # and @ as %2F %3F %23 and %40`,
    );
  }
  for (const encoded of [url.username, url.password]) {
    if (!isDecodable(encoded))
      throw new RangeError('in user and password, a % that stands alone is written %25');
  }
  return url;
}

function isDecodable(encoded: string): boolean {
  try {
    decodeURIComponent(encoded);
    return true;
  } catch {
    return false;
  }
}

function firstSet(env: Environment, variables: readonly string[]): { variable: string; text: string } | null {
  for (const variable of variables) {
    const text = Object.hasOwn(env, variable) ? env[variable]?.trim() : undefined;
    if (text) return { variable, text };
  }
  return null;
}
