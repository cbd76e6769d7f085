import { setTimeout as sleep } from 'node:timers/promises';
import type pg from 'pg';
import { withTimeout } from '../../../resilience/timeout.ts';
import type { DestinationEvents } from '../../contract/destination.ts';
import { AbortedByStop } from '../../contract/destination-error.ts';
import { type LockWait, LockWaitClock } from '../../contract/lock-wait.ts';
import { type AppLock, heldBy, lockHolder, tryLock, waitInQueue } from '../connect/advisory-lock.ts';
import { requestCancel } from '../connect/cancel-request.ts';
import { connect } from '../connect/connection.ts';
import { isConnectionLoss, ServerUnresponsive } from '../connect/server-errors.ts';
import { LOCK_TIMEOUT_MS } from '../connect/settings.ts';
import { mayWaitForLock, notRecovered } from './after-failure.ts';
import type { LockedConnection, SessionConnectionsOptions } from './connections.ts';
import { untilStopped } from './until-stopped.ts';

export type SessionLockWait = Pick<LockWait, 'maxMs' | 'onHolder'> & {
  /** Called before the lock is first tried. */
  readonly beforeLock: (client: pg.ClientBase) => Promise<void>;
  /** Called when another session has the lock, before the wait. It throws to end the attempt at once. */
  readonly onTaken: () => void;
};

type LockWaitOptions = Omit<SessionConnectionsOptions, 'prepare'> & {
  readonly lockWait: SessionLockWait;
  /** How long a database that becomes unavailable during the wait is waited for, ms. */
  readonly maxOutageMs: number;
  /** Ends the wait. */
  readonly stop: AbortSignal;
  readonly events: DestinationEvents;
};

// Between two waits in the queue the holder is looked up. Meanwhile the waiting statement keeps its snapshot.
const IN_QUEUE_MS = 60_000;
const ANSWERS_WITHIN_MS = 15_000;
const RETRY_EVERY_MS = 2_000;
// The run at work lost its connection, too. It keeps its place if it comes back within this time.
const HOLDER_FIRST_MS = 10_000;
const FAREWELL_MS = 1_000;

/**
 * Opens a connection that has the lock of the app. While another session has the lock, it waits in the server's queue, on the
 * connection that has the lock afterwards. A database that becomes unavailable meanwhile is waited for.
 * @returns `waitedMs`: null when the lock was free
 * @throws {DestinationLocked} when the time is over; {AbortedByStop}; {DestinationError} when the database does not recover; as
 * `connect` does
 */
export async function connectWithLock(
  options: LockWaitOptions,
): Promise<LockedConnection & { readonly waitedMs: number | null }> {
  const { name, caFile, keeper, stop, lockWait, maxOutageMs, events } = options;
  const clock = new LockWaitClock(lockWait);
  let isFirst = true;
  let lockTimeouts = 0;
  let losses = 0;
  let lostAt = 0;
  for (;;) {
    let waiter: QueuedClient | null = null;
    try {
      const url = (await keeper?.url()) ?? options.url;
      const client = await untilStopped(
        // It closes a connection that is ready too late.
        () => connect({ url, name, caFile, purpose: 'run' }, async () => stop.throwIfAborted()),
        stop,
        name,
      );
      waiter = new QueuedClient(client, { ...options, url }, clock);
      if (losses > 1) events.onOutage(null);
      if (losses > 0) await sleep(Math.min(HOLDER_FIRST_MS, clock.leftMs), undefined, { signal: stop });
      losses = 0;
      if (isFirst) await waiter.answer(() => lockWait.beforeLock(client), LOCK_TIMEOUT_MS);
      isFirst = false;
      return { client, lock: await waiter.lock(), waitedMs: clock.hasBegun ? clock.waitedMs : null };
    } catch (error) {
      await waiter?.close();
      if (stop.aborted)
        throw new AbortedByStop(`${name} was locked by another run when this one was asked to stop`, {
          cause: stop.reason,
        });
      // Others may hold the tables of the program, too.
      if (mayWaitForLock(error, lockTimeouts, maxOutageMs)) {
        lockTimeouts += 1;
        continue;
      }
      // Before the wait, as without one: a wrong address is reported at once.
      if (!clock.hasBegun || !isConnectionLoss(error)) throw error;
      const now = performance.now();
      losses += 1;
      if (losses === 1) lostAt = now;
      const forMs = now - lostAt;
      if (losses === 2) events.onOutage({ cause: error, forMs });
      if (forMs > maxOutageMs || clock.leftMs === 0)
        throw notRecovered(error, name, Math.min(maxOutageMs, forMs));
      if (losses > 1) await sleep(RETRY_EVERY_MS, undefined, { signal: stop }).catch(() => {});
    }
  }
}

type Queue = Pick<LockWaitOptions, 'name' | 'schema' | 'sdkAppId' | 'stop' | 'lockWait'> & {
  readonly url: string;
};

/** A connection in the queue for a lock. */
class QueuedClient {
  readonly #client: pg.Client;
  readonly #queue: Queue;
  readonly #clock: LockWaitClock;
  #isAsking = false;

  constructor(client: pg.Client, queue: Queue, clock: LockWaitClock) {
    this.#client = client;
    this.#queue = queue;
    this.#clock = clock;
  }

  /** @throws {DestinationLocked} when the time is over */
  async lock(): Promise<AppLock> {
    const { schema, sdkAppId, lockWait } = this.#queue;
    const client = this.#client;
    const clock = this.#clock;
    for (;;) {
      const { isTaken, ...lock } = await this.answer(() => tryLock(client, schema, sdkAppId));
      if (isTaken) return lock;
      if (!clock.hasBegun) lockWait.onTaken();
      clock.begin();
      const holder = await this.answer(() => lockHolder(client, schema, sdkAppId));
      if (holder !== null) {
        // Its server process is what an administrator can end, where the holder itself is frozen or out of reach.
        const text = `${holder.text}, server process ${holder.pid}`;
        clock.sawHolder({ key: text, text });
      }
      if (clock.leftMs === 0) throw clock.timeIsOver(heldBy(holder, schema, sdkAppId));
      const ms = Math.min(clock.quietMs || IN_QUEUE_MS, clock.leftMs);
      await this.answer(() => waitInQueue(client, lock, ms), ms);
    }
  }

  /** Leaves the queue. The server does not notice by itself that the client of a waiting statement is gone. */
  async close(): Promise<void> {
    const { url, name } = this.#queue;
    if (this.#isAsking) await requestCancel(this.#client, url, name);
    await withTimeout(
      this.#client.end().catch(() => {}),
      { ms: FAREWELL_MS, onTimeout: () => {} },
    );
  }

  /** The answer of the server, unless the run is asked to stop before. @throws {ServerUnresponsive} and {AbortedByStop} */
  async answer<T>(ask: () => Promise<T>, mayTakeMs = 0): Promise<T> {
    const { stop, name } = this.#queue;
    const ms = mayTakeMs + ANSWERS_WITHIN_MS;
    const onTimeout = (): never => {
      throw new ServerUnresponsive(`no answer within ${Math.round(ms / 1000)} s`);
    };
    this.#isAsking = true;
    const answer = await untilStopped(() => withTimeout(ask(), { ms, onTimeout }), stop, name);
    this.#isAsking = false;
    return answer;
  }
}
