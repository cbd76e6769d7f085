import { type ClientRequest, request as requestPlainly } from 'node:http';
import { request as requestSecurely } from 'node:https';
import { isIP, type Socket } from 'node:net';
import type { SecureContext } from 'node:tls';
import { buildConnector } from 'undici';
import { type HttpProxy, proxyAuthorization } from './http-proxy.ts';
import { type AskedTunnel, proxyFailure, proxyRefusal } from './proxy-error.ts';

/** For TCP and TLS, with the proxy and with the API. */
export type ConnectOptions = {
  /** For each of the two steps, ms. */
  readonly timeout: number;
  readonly autoSelectFamily: boolean;
  readonly autoSelectFamilyAttemptTimeout: number;
  readonly secureContext?: SecureContext;
};

/**
 * Connections of undici through an HTTP proxy: one CONNECT for each, then TLS with the API itself inside.
 *
 * Not undici's ProxyAgent: the difference between a wrong proxy and an unavailable one decides how a run ends. ProxyAgent does
 * not say whose error an error is, gives the status of a refusal only in a text, and lets a proxy that does not answer hold a
 * connection for five minutes.
 */
export class ProxyTunnels {
  readonly #proxy: HttpProxy;
  readonly #options: ConnectOptions;
  readonly #connectWithin: buildConnector.connector;
  readonly #asking = new Set<ClientRequest>();
  #hasLetThrough = false;

  constructor(proxy: HttpProxy, options: ConnectOptions) {
    this.#proxy = proxy;
    this.#options = options;
    this.#connectWithin = buildConnector(options);
  }

  /** Called by undici for a connection to an https origin. */
  readonly connect: buildConnector.connector = (options, callback) => {
    const { hostname, port } = options;
    const host = hostname.includes(':') ? `[${hostname}]` : hostname;
    this.#open(`${host}:${port === '' ? 443 : port}`).then(
      (socket) => this.#connectWithin({ ...options, httpSocket: socket }, callback),
      (error: Error) => callback(error, null),
    );
  };

  /** Ends the connections that are being opened. */
  close(): void {
    for (const request of this.#asking) request.destroy();
  }

  /** @throws {CallError} */
  #open(authority: string): Promise<Socket> {
    const { timeout } = this.#options;
    const request = this.#ask(authority);
    this.#asking.add(request);
    const silence = new Error(`no answer to CONNECT within ${timeout} ms`);
    const timer = setTimeout(() => request.destroy(silence), timeout);
    const asked = (): AskedTunnel => ({
      proxy: this.#proxy,
      authority,
      hasLetThrough: this.#hasLetThrough,
    });
    return new Promise<Socket>((resolve, reject) => {
      request.once('connect', (response, socket, head) => {
        const refusal = proxyRefusal(asked(), response);
        if (refusal !== null) {
          socket.destroy();
          reject(refusal);
          return;
        }
        this.#hasLetThrough = true;
        // The TLS connection over it reports its loss.
        socket.on('error', () => {});
        if (head.length > 0) socket.unshift(head);
        resolve(socket);
      });
      request.on('error', (error) => reject(proxyFailure(asked(), error)));
      request.end();
    }).finally(() => {
      clearTimeout(timer);
      this.#asking.delete(request);
    });
  }

  #ask(authority: string): ClientRequest {
    const { timeout: _, ...connection } = this.#options;
    const { protocol, hostname, port } = new URL(this.#proxy.url.reveal());
    const isSecure = protocol === 'https:';
    const host = hostname.replace(/^\[(.*)\]$/, '$1');
    const authorization = proxyAuthorization(this.#proxy);
    return (isSecure ? requestSecurely : requestPlainly)({
      ...connection,
      agent: false,
      host,
      port: port === '' ? (isSecure ? 443 : 80) : port,
      // Otherwise the Host header, which is that of the API, would decide about the expected certificate.
      servername: isIP(host) === 0 ? host : '',
      // Content-Length and Transfer-Encoding mean nothing in a successful answer to CONNECT (RFC 9110, section 9.3.6). The strict
      // parser refuses an answer with both.
      insecureHTTPParser: true,
      method: 'CONNECT',
      path: authority,
      headers: {
        host: authority,
        connection: 'keep-alive',
        ...(authorization === null ? {} : { 'proxy-authorization': authorization }),
      },
    });
  }
}
