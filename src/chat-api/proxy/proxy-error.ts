import type { IncomingMessage } from 'node:http';
import { CallError } from '../call-error.ts';
import { unansweredHints } from '../error-table.ts';
import { readRetryAfter } from '../retry-after.ts';
import { transportError } from '../transport-error.ts';
import { type HttpProxy, proxyAuthorization, proxyName } from './http-proxy.ts';

/** A CONNECT, for its errors. */
export type AskedTunnel = {
  readonly proxy: HttpProxy;
  /** The host and port that were asked for. */
  readonly authority: string;
  /**
   * Whether this proxy has let a connection through before. If it never did, it is set up wrongly, and waiting does not help. If
   * it did, it has trouble of its own.
   */
  readonly hasLetThrough: boolean;
};

/** The error for a refused CONNECT; null when the tunnel is open. The answer is not quoted. */
export function proxyRefusal(
  { proxy, authority, hasLetThrough }: AskedTunnel,
  { statusCode: status = 0, headers }: Pick<IncomingMessage, 'statusCode' | 'headers'>,
): CallError | null {
  if (status >= 200 && status < 300) return null;
  const isOwnTrouble = (status >= 500 && status !== 501) || status === 408 || status === 429;
  return new CallError({
    class: isOwnTrouble || hasLetThrough ? 'transient' : 'configuration',
    message: `${proxyName(proxy)} answers CONNECT ${authority} with ${status}`,
    retryAfterMs: isOwnTrouble ? readRetryAfter(headers, Date.now()) : null,
    hint: isOwnTrouble ? unansweredHints.proxy : adviceOn(status, proxy, headers['proxy-authenticate']),
  });
}

/** The error for an unanswered CONNECT. The error itself is not kept as the cause: the proxy may quote its own password. */
export function proxyFailure({ proxy, hasLetThrough }: AskedTunnel, error: NodeJS.ErrnoException): CallError {
  const name = proxyName(proxy);
  // Node.js's parser, for an answer that is not HTTP.
  if (error.code?.startsWith('HPE_')) {
    const message = `${name} does not answer in HTTP (${error.code})`;
    const hint = 'is this the port of the proxy?';
    return new CallError({ class: hasLetThrough ? 'transient' : 'configuration', message, hint });
  }
  const found = transportError(error, name);
  if (found !== null && found.class !== 'transient') return found;
  const message = found?.summary ?? `${name}: ${error.message}`;
  return new CallError({ class: 'transient', message, hint: unansweredHints.proxy });
}

function adviceOn(status: number, proxy: HttpProxy, schemes: string | undefined): string {
  const { variable, shown } = proxy;
  if (status !== 407) {
    return `it is not a proxy for this host, or it refuses this machine; check ${variable} and NO_PROXY`;
  }
  if (schemes !== undefined && !/\bbasic\b/i.test(schemes)) {
    return 'it asks for an authentication scheme other than Basic, which is the only one supported';
  }
  return proxyAuthorization(proxy) === null
    ? `it asks for a user and a password: ${variable}=${shown.replace('//', '//USER:PASSWORD@')}`
    : `it refuses the user and the password in ${variable}`;
}
