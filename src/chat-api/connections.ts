import { buildConnector, type Dispatcher, Pool } from 'undici';
import { BodyBudget } from './body-budget.ts';
import { readingPastContinue } from './interim-answers.ts';
import { type HttpProxy, proxyName, proxySecrets } from './proxy/http-proxy.ts';
import { bypassesProxy } from './proxy/proxy-bypass.ts';
import { ProxyTunnels } from './proxy/proxy-tunnel.ts';
import { MAX_BODY_BYTES } from './transport-error.ts';
import { withExtraCa } from './trust.ts';

export type ProxyOptions = HttpProxy & {
  /** Hosts that are called directly, as NO_PROXY lists them. */
  readonly noProxy: string;
};

export type ApiConnectionsOptions = {
  /** Scheme, host and port, such as `https://console.tim.qq.com`. */
  readonly endpoint: string;
  /** The proxy to an https endpoint that it does not exempt; null for a direct connection. */
  readonly proxy: ProxyOptions | null;
  /** Additional trusted certificates, PEM. */
  readonly ca: readonly string[];
  /** The time limit for one connection, ms. */
  readonly timeoutMs: number;
  /** The most connections. */
  readonly connections: number;
  /** About how many bytes of incomplete answers are in memory at most; a default without it. */
  readonly bodyBytes?: number | undefined;
};

// Node's default of 250 ms is too short for a slow network with both IPv6 and IPv4.
const FAMILY_ATTEMPT_MS = 5_000;
// Node.js reads no further once it holds so much. A piece has up to 64 KiB; with undici's default, two of them would be held.
const READ_AHEAD_BYTES = 16 * 1024;

/** Kept-alive connections to one endpoint, directly or through a proxy. */
export class ApiConnections {
  readonly dispatcher: Dispatcher;
  /** The endpoint, and the proxy before it, as messages name them. */
  readonly place: string;
  /** Secrets that are sent to the proxy. */
  readonly secrets: readonly string[];
  readonly bodies: BodyBudget;
  readonly #tunnels: ProxyTunnels | null;

  constructor({ endpoint, proxy, ca, timeoutMs, connections, bodyBytes }: ApiConnectionsOptions) {
    const secureContext = withExtraCa(ca);
    const options = {
      // A connection may take as long as the call that asked for it.
      timeout: timeoutMs,
      highWaterMark: READ_AHEAD_BYTES,
      autoSelectFamily: true,
      // Early enough for the other address family to be tried.
      autoSelectFamilyAttemptTimeout: Math.min(FAMILY_ATTEMPT_MS, Math.floor(timeoutMs / 2)),
      ...(secureContext === undefined ? {} : { secureContext }),
    };
    const url = new URL(endpoint);
    // Unencrypted calls stay on this machine, whatever the variables say.
    const isProxied = proxy !== null && url.protocol === 'https:' && !bypassesProxy(url, proxy.noProxy);
    this.#tunnels = isProxied ? new ProxyTunnels(proxy, options) : null;
    this.place = isProxied ? `${endpoint} through ${proxyName(proxy)}` : endpoint;
    this.secrets = isProxied ? proxySecrets(proxy) : [];
    this.bodies = new BodyBudget(bodyBytes);
    const connect = this.#tunnels?.connect ?? buildConnector(options);
    this.dispatcher = new Pool(endpoint, {
      connect: this.bodies.limiting(readingPastContinue(connect)),
      connections,
      pipelining: 1,
      maxResponseSize: MAX_BODY_BYTES,
      // Each attempt has a time limit of its own; undici's would only come before it.
      headersTimeout: 0,
      bodyTimeout: 0,
    });
  }

  async close(): Promise<void> {
    this.#tunnels?.close();
    await this.dispatcher.destroy();
  }
}
