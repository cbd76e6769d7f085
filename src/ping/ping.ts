import { setTimeout as pause } from 'node:timers/promises';
import { ApiConnections } from '../chat-api/connections.ts';
import { bypassesProxy } from '../chat-api/proxy/proxy-bypass.ts';
import type { PingSettings } from '../config/model/job.ts';

/** The settings of pings to a monitoring service. */
export type Sign = 'start' | 'success' | 'failure';

export type PingOptions = PingSettings & {
  /** Additional trusted certificates, PEM. */
  readonly ca: readonly string[];
  /** Called once for each failed ping. The message does not contain the URL's path. */
  readonly onFailure: (message: string) => void;
  /** The time limit for one of its attempts, ms. */
  readonly tryMs?: number;
};

// The paths of healthchecks.io (https://healthchecks.io/docs/http_api/): success is the URL itself.
const suffixes: Readonly<Record<Sign, string>> = { start: '/start', success: '', failure: '/fail' };

const TRIES = 3;
const TRY_MS = 3_000;
const PAUSE_MS = 500;
// How long the first ping may still take when the last one is due.
const HURRY_MS = 2_000;

/** An answer that another attempt would not change. */
class Refused extends Error {}

/** Pings for a monitoring service that raises an alarm when they stop. A failed ping is only reported. */
export class Ping {
  readonly #options: PingOptions;
  readonly #overdue = new AbortController();
  #starting: Promise<void> = Promise.resolve();

  constructor(options: PingOptions) {
    this.#options = options;
  }

  /** Reports the start; the caller does not wait for it. */
  start(): void {
    this.#starting = this.#send('start', this.#overdue.signal);
  }

  /** Reports the end, after the start. Resolves after 12 s at the latest, in every case. */
  async end(sign: 'success' | 'failure'): Promise<void> {
    const hurry = setTimeout(() => this.#overdue.abort(), HURRY_MS);
    await this.#starting;
    clearTimeout(hurry);
    await this.#send(sign, new AbortController().signal);
  }

  async #send(sign: Sign, stop: AbortSignal): Promise<void> {
    const { shown, onFailure } = this.#options;
    try {
      await this.#tryTo(sign, stop);
    } catch (error) {
      onFailure(`the ping of ${shown}/… for the run's ${sign} failed: ${this.#sayable(error)}`);
    }
  }

  async #tryTo(sign: Sign, stop: AbortSignal): Promise<void> {
    const { url: secret, shown, proxy, ca, tryMs = TRY_MS } = this.#options;
    const url = new URL(secret.reveal());
    const path = `${url.pathname.replace(/\/+$/, '')}${suffixes[sign]}${url.search}`;
    if (proxy !== null && proxy.problem !== null && !bypassesProxy(url, proxy.noProxy)) {
      throw new Refused(proxy.problem);
    }
    const connections = new ApiConnections({
      endpoint: shown,
      proxy: proxy?.problem === null ? proxy : null,
      ca,
      timeoutMs: tryMs,
      connections: 1,
    });
    try {
      for (let tried = 1; ; tried += 1) {
        try {
          return await get(
            connections,
            path === '' ? '/' : path,
            AbortSignal.any([AbortSignal.timeout(tryMs), stop]),
          );
        } catch (error) {
          if (error instanceof Refused || stop.aborted || tried === TRIES) throw error;
          await pause(PAUSE_MS, undefined, { signal: stop });
        }
      }
    } finally {
      await connections.close();
    }
  }

  /** The failure, in words without the ping's address. */
  #sayable(error: unknown): string {
    if (error instanceof Error && error.name === 'TimeoutError') {
      return `no answer in time, ${TRIES} times`;
    }
    if (this.#overdue.signal.aborted && error === this.#overdue.signal.reason)
      return 'the run ended before it';
    const { pathname, search } = new URL(this.#options.url.reveal());
    const text = error instanceof Error ? error.message : String(error);
    return [pathname, search]
      .filter((part) => part.length > 1)
      .reduce((so, part) => so.replaceAll(part, '…'), text);
  }
}

async function get({ dispatcher }: ApiConnections, path: string, signal: AbortSignal): Promise<void> {
  const { statusCode, body } = await dispatcher.request({
    path,
    method: 'GET',
    headers: { 'user-agent': 'chat-export' },
    signal,
  });
  await body.dump();
  if (statusCode >= 200 && statusCode < 300) return;
  const isPassing = statusCode >= 500 || statusCode === 408 || statusCode === 429;
  throw new (isPassing ? Error : Refused)(`it answers ${statusCode}`);
}
