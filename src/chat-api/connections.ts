import { buildConnector, type Dispatcher, Pool } from 'undici';
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
  /** The way to an https endpoint that it does not exempt; null is the direct way. */
  readonly proxy: ProxyOptions | null;
  /** Certificates to trust besides those that Node.js trusts, PEM. */
  readonly ca: readonly string[];
  /** For one connection to be made, ms. */
  readonly timeoutMs: number;
  /** Connections at most. */
  readonly connections: number;
};

// Node's default of 250 ms is too short for a slow network with both IPv6 and IPv4.
const FAMILY_ATTEMPT_MS = 5_000;

/** Kept-alive connections to one endpoint, directly or through a proxy. */
export class ApiConnections {
  readonly dispatcher: Dispatcher;
  /** The endpoint, and the proxy on the way to it, as messages name them. */
  readonly place: string;
  /** What is sent to the proxy and must not be shown. */
  readonly secrets: readonly string[];
  readonly #tunnels: ProxyTunnels | null;

  constructor({ endpoint, proxy, ca, timeoutMs, connections }: ApiConnectionsOptions) {
    const secureContext = withExtraCa(ca);
    const options = {
      // Nobody waits for a connection any longer than for the call that asked for it.
      timeout: timeoutMs,
      autoSelectFamily: true,
      // In time for the other family to have its turn.
      autoSelectFamilyAttemptTimeout: Math.min(FAMILY_ATTEMPT_MS, Math.floor(timeoutMs / 2)),
      ...(secureContext === undefined ? {} : { secureContext }),
    };
    const url = new URL(endpoint);
    // What is not encrypted is for this machine alone, whatever the variables say.
    const isProxied = proxy !== null && url.protocol === 'https:' && !bypassesProxy(url, proxy.noProxy);
    this.#tunnels = isProxied ? new ProxyTunnels(proxy, options) : null;
    this.place = isProxied ? `${endpoint} through ${proxyName(proxy)}` : endpoint;
    this.secrets = isProxied ? proxySecrets(proxy) : [];
    this.dispatcher = new Pool(endpoint, {
      connect: readingPastContinue(this.#tunnels?.connect ?? buildConnector(options)),
      connections,
      pipelining: 1,
      maxResponseSize: MAX_BODY_BYTES,
      // The deadline of a whole attempt is set for each; undici's own would only come before it.
      headersTimeout: 0,
      bodyTimeout: 0,
    });
  }

  async close(): Promise<void> {
    this.#tunnels?.close();
    await this.dispatcher.destroy();
  }
}
