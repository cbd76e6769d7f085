import { setTimeout as sleep } from 'node:timers/promises';
import type pg from 'pg';
import type { DestinationEvents } from '../destination.ts';
import { DestinationError, LockLost } from '../destination-error.ts';
import { takeLock } from './advisory-lock.ts';
import { asPostgresError, connect, isConnectionLoss, isContention } from './connection.ts';

export type SessionOptions = {
  readonly url: string;
  /** For messages: the URL without its password. */
  readonly name: string;
  readonly schema: string;
  readonly sdkAppId: number;
  /** How long a database that went away is waited for, ms. */
  readonly maxOutageMs: number;
  readonly events: DestinationEvents;
  /** Makes a new connection ready for work. */
  readonly prepare: (client: pg.ClientBase) => Promise<void>;
};

const RETRY_EVERY_MS = 2_000;
const CONTENTION_TRIES = 5;

/**
 * The two connections of a run: one that works, and one that does nothing but hold the run's lock. When the database
 * goes away, both are opened anew as soon as it is back.
 */
export class Session {
  readonly #options: SessionOptions;
  #worker: pg.Client | null = null;
  #lockHolder: pg.Client | null = null;

  private constructor(options: SessionOptions) {
    this.#options = options;
  }

  /**
   * Connects and takes the lock; a database that cannot be reached is not waited for here.
   * @throws {DestinationError} and {DestinationLocked}
   */
  static async open(options: SessionOptions): Promise<Session> {
    const session = new Session(options);
    try {
      await session.#connect();
      return session;
    } catch (error) {
      await session.close();
      throw asPostgresError(error, options.name);
    }
  }

  /** Does something that needs no transaction, over a connection that works. */
  run<T>(work: (client: pg.ClientBase) => Promise<T>): Promise<T> {
    return this.#persist(work);
  }

  /**
   * Does something in a transaction. It is done again, from its start, when the connection was lost or the transaction
   * gave way to another: whether a commit arrived is for `work` to find out.
   */
  transaction<T>(work: (client: pg.ClientBase) => Promise<T>): Promise<T> {
    return this.#persist(async (client) => {
      await client.query('begin');
      try {
        const value = await work(client);
        await client.query('commit');
        return value;
      } catch (error) {
        // On a connection that is gone there is nothing to roll back.
        await client.query('rollback').catch(() => {});
        throw error;
      }
    });
  }

  async close(): Promise<void> {
    await this.#disconnect();
  }

  async #persist<T>(work: (client: pg.ClientBase) => Promise<T>): Promise<T> {
    let contended = 0;
    for (;;) {
      try {
        const worker = this.#worker ?? (await this.#reconnect(null));
        return await work(worker);
      } catch (error) {
        if (isContention(error) && contended < CONTENTION_TRIES) {
          contended += 1;
        } else if (isConnectionLoss(error)) {
          await this.#reconnect(error);
        } else {
          throw asPostgresError(error, this.#options.name);
        }
      }
    }
  }

  async #connect(): Promise<pg.Client> {
    const { url, name, schema, sdkAppId, prepare } = this.#options;
    const holder = await connect({ url, name, purpose: 'run' });
    this.#lockHolder = holder;
    await takeLock(holder, schema, sdkAppId);
    // A lock whose connection is gone may be another's by now: the work goes on over new connections only.
    holder.once('end', () => {
      if (this.#lockHolder === holder) this.#worker?.end().catch(() => {});
    });
    const worker = await connect({ url, name, purpose: 'writer' });
    this.#worker = worker;
    await prepare(worker);
    return worker;
  }

  async #disconnect(): Promise<void> {
    const clients = [this.#worker, this.#lockHolder];
    this.#worker = null;
    this.#lockHolder = null;
    for (const client of clients) await client?.end().catch(() => {});
  }

  async #reconnect(loss: unknown): Promise<pg.Client> {
    const { events, maxOutageMs, name } = this.#options;
    const began = performance.now();
    let announced = false;
    let cause = loss;
    for (;;) {
      await this.#disconnect();
      try {
        const worker = await this.#connect();
        if (announced) events.onOutage(null);
        return worker;
      } catch (error) {
        cause = error;
        // Locked may mean that the server has not noticed yet that our own old connection is gone.
        const mayPass =
          isConnectionLoss(error) || (error instanceof Error && error.name === 'DestinationLocked');
        if (!mayPass) throw asPostgresError(error, name);
      }
      if (!announced) events.onOutage({ cause });
      announced = true;
      if (performance.now() - began > maxOutageMs) break;
      await sleep(RETRY_EVERY_MS);
    }
    await this.#disconnect();
    if (cause instanceof Error && cause.name === 'DestinationLocked') {
      throw new LockLost(`the lock was lost while this run was at work: ${cause.message}`, { cause });
    }
    const said = asPostgresError(cause, name);
    throw new DestinationError(
      `the database did not come back within ${Math.round(maxOutageMs / 1000)} s; ` +
        (said instanceof Error ? said.message : String(said)),
      { cause },
    );
  }
}
