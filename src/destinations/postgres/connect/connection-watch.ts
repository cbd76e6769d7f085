import type { Duplex } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import type pg from 'pg';
import { withTimeout } from '../../../resilience/timeout.ts';
import { AbortedByStop } from '../../contract/destination-error.ts';
import type { Waiting } from '../../contract/waiting.ts';
import { requestCancel } from './cancel-request.ts';
import { type ConnectionOptions, dial } from './dial.ts';
import { announcedBy } from './pooler.ts';
import { ServerUnresponsive } from './server-errors.ts';
import { findWait, type ServerWait } from './server-wait.ts';
import { upTo, waitError, waitNotice } from './waiting.ts';

const LOOK_EVERY_MS = 10_000;
const ANSWERS_WITHIN_MS = 10_000;

const reasons = new WeakMap<pg.ClientBase, Error>();

/** Why a watched connection was broken, for code that only sees the failure; null when it was not. */
export const whyBroken = (client: pg.ClientBase | null): Error | null =>
  (client === null ? undefined : reasons.get(client)) ?? null;

/**
 * Watches a connection until it ends. A wait of ten seconds is reported. When the allowed time is over, or the command is asked
 * to stop, the statement is cancelled at the server and the connection fails with the reason. The server is asked over a second
 * connection, opened after ten seconds.
 * @param pid the server process of the connection
 */
export function watchConnection(
  client: pg.Client,
  options: ConnectionOptions,
  waiting: Waiting,
  pid: number,
): void {
  const { name } = options;
  const { stop, onNotice, patienceMs, subject } = waiting;
  const patience = { name, ...waiting };
  const server = new SecondConnection(options);
  // A pooler may have no second connection. Its silence says nothing about the server.
  const isDirect = announcedBy(client) === pid;
  const over = new AbortController();
  const breakWith = (reason: Error): Promise<void> =>
    over.signal.aborted ? Promise.resolve() : breakConnection(client, options, reason);
  const onStop = (): void =>
    void breakWith(
      new AbortedByStop(`${name} was still busy when ${subject} was asked to stop`, { cause: stop.reason }),
    );
  stop.addEventListener('abort', onStop, { once: true });
  client.once('end', () => {
    over.abort();
    stop.removeEventListener('abort', onStop);
    server.close();
  });
  if (stop.aborted) onStop();

  const watch = async (): Promise<void> => {
    let waitedMs = 0;
    for (;;) {
      await sleep(LOOK_EVERY_MS, undefined, { signal: over.signal, ref: false });
      const wait = await server.findWait(pid);
      if (over.signal.aborted) return;
      if (wait === null || (wait === 'silent' && !isDirect)) {
        waitedMs = 0;
        continue;
      }
      const isFirst = waitedMs === 0;
      waitedMs += LOOK_EVERY_MS;
      if (waitedMs >= patienceMs) {
        const late =
          wait === 'silent'
            ? new ServerUnresponsive(`no answer within ${upTo(waiting)}`)
            : waitError(patience, wait);
        return await breakWith(late);
      }
      if (!isFirst) continue;
      const silence = `${name} does not answer; ${subject} waits up to ${upTo(waiting)}`;
      onNotice(wait === 'silent' ? silence : waitNotice(patience, wait));
    }
  };
  // Ends when the connection ends.
  watch().catch(() => {});
}

/** Cancels the connection's statement at the server, and makes it fail here with the reason. */
async function breakConnection(
  client: pg.Client,
  { url, name }: ConnectionOptions,
  reason: Error,
): Promise<void> {
  if (reasons.has(client)) return;
  reasons.set(client, reason);
  const { stream } = (client as unknown as { readonly connection: { readonly stream: Duplex } }).connection;
  // The server's cancellation is not the reason.
  stream.pause();
  await requestCancel(client, url, name);
  stream.destroy(reason);
}

/** A connection that asks a server what another connection waits for. */
class SecondConnection {
  readonly #options: ConnectionOptions;
  #client: Promise<pg.Client> | null = null;

  constructor(options: ConnectionOptions) {
    this.#options = options;
  }

  /** `silent` when there is no answer in time; null when nothing is waited for, or the answer is unknown. */
  async findWait(pid: number): Promise<ServerWait | 'silent' | null> {
    this.#client ??= dial({ ...this.#options, purpose: 'watch' });
    const wait = this.#client.then((client) => findWait(client, pid));
    try {
      const onTimeout = () => 'silent' as const;
      return (await withTimeout(wait, { ms: ANSWERS_WITHIN_MS, onTimeout })) ?? null;
    } catch (error) {
      this.close();
      return error instanceof ServerUnresponsive ? 'silent' : null;
    }
  }

  close(): void {
    this.#client?.then((client) => client.end()).catch(() => {});
    this.#client = null;
  }
}
