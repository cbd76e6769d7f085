import { setTimeout as sleep } from 'node:timers/promises';
import type pg from 'pg';
import type { DestinationEvents } from '../destination.ts';
import {
  DestinationError,
  DestinationLocked,
  DestinationUnusable,
  LockLost,
  StoppedWaiting,
  WaitedTooLong,
} from '../destination-error.ts';
import { markRun, takeLock } from './advisory-lock.ts';
import { connect, LOCK_TIMEOUT_MS } from './connection.ts';
import { Grace } from './grace.ts';
import {
  asPostgresError,
  isConnectionLoss,
  isContention,
  isHeldByOthers,
  NoAnswer,
} from './server-errors.ts';
import { WorkWatch } from './work-watch.ts';

/** Looks after a server that nobody else looks after. */
export interface ServerKeeper {
  /**
   * Where the server is, which is started again where it has died.
   * @throws {DestinationError} when it does not stay up, or its data is gone
   */
  url(): Promise<string>;
  /** @throws {DestinationError} when the data is gone, and what is written with it */
  verify(): Promise<void>;
}

export type SessionOptions = {
  readonly url: string;
  /** Of a server of our own; it knows better than `url`. */
  readonly keeper?: ServerKeeper | undefined;
  /** For messages: the URL without its password. */
  readonly name: string;
  readonly caFile?: string | null | undefined;
  readonly schema: string;
  readonly sdkAppId: number;
  /** How long a database that went away is waited for, ms. */
  readonly maxOutageMs: number;
  /** Ends the waiting for a database that went away. */
  readonly stop: AbortSignal;
  readonly events: DestinationEvents;
  /** Makes a new connection ready for work. */
  readonly prepare: (client: pg.ClientBase) => Promise<void>;
};

const RETRY_EVERY_MS = 2_000;
const CONTENTION_TRIES = 5;
const FAREWELL_MS = 1_000;
const LAST_WORD_MS = 5_000;
// Longer than the keep-alive settings let a server hold a lock for a peer that is gone.
const UNNOTICED_MS = 60_000;

/**
 * The two connections of a run: one that works, and one that does nothing but hold the run's lock. When the database
 * goes away, both are opened anew as soon as it is back.
 */
export class Session {
  readonly #options: SessionOptions;
  #worker: pg.Client | null = null;
  /** The server's process that works for it. */
  #workerPid = 0;
  #lockHolder: pg.Client | null = null;
  #runId: number | null = null;
  #lost: Error | null = null;
  readonly #grace: Grace;

  private constructor(options: SessionOptions) {
    this.#options = options;
    this.#grace = new Grace(options.stop, options.name);
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

  /** The same, for what takes its time where there are many users. */
  runLong<T>(work: (client: pg.ClientBase) => Promise<T>): Promise<T> {
    return this.#persist(work, true);
  }

  /**
   * Does something in a transaction. It is done again, from its start, when the connection was lost or the transaction
   * gave way to another: whether a commit arrived is for `work` to find out.
   */
  transaction<T>(work: (client: pg.ClientBase) => Promise<T>): Promise<T> {
    return this.#persist((client) => inTransaction(client, work));
  }

  /** The same, for what takes its time where there are many users. */
  longTransaction<T>(work: (client: pg.ClientBase) => Promise<T>): Promise<T> {
    return this.#persist((client) => inTransaction(client, work), true);
  }

  /** Lets those who look see that this session works on a run, until its end. */
  async workOn(runId: number): Promise<void> {
    this.#runId = runId;
    await this.#persist(async () => {
      if (this.#lockHolder !== null) await markRun(this.#lockHolder, this.#options.schema, runId);
    });
  }

  /** Does something over a connection that works, once: what goes wrong is thrown as it is. */
  async once<T>(work: (client: pg.ClientBase) => Promise<T>): Promise<T> {
    try {
      return await this.#watch(true).within(async () => await work(this.#worker ?? (await this.#connect())));
    } catch (error) {
      if (error instanceof NoAnswer || error instanceof WaitedTooLong) await this.#dropWork();
      throw error;
    }
  }

  /**
   * Does one small thing before the end: soon, or not at all. Where the work was given up, over a connection of its own,
   * which holds no lock.
   * @throws {StoppedWaiting} when the time is up
   */
  async lastWord(work: (client: pg.ClientBase) => Promise<unknown>): Promise<void> {
    const isGivenUp = this.#lost !== null || this.#grace.isOver;
    const said = isGivenUp ? this.#apart(work) : this.transaction(work);
    // Whatever comes of it when nobody waits any more.
    said.catch(() => {});
    const tooLate = new AbortController();
    const late = sleep(LAST_WORD_MS, undefined, { ref: false, signal: tooLate.signal }).then(() => {
      throw new StoppedWaiting(`${this.#options.name} was away, or held by others, when the run stopped`);
    });
    await Promise.race([said, late]).finally(() => tooLate.abort());
  }

  async #apart(work: (client: pg.ClientBase) => Promise<unknown>): Promise<void> {
    const { name, caFile, keeper } = this.#options;
    const url = (await keeper?.url()) ?? this.#options.url;
    const client = await connect({ url, name, caFile, purpose: 'last word' });
    try {
      await work(client);
    } finally {
      await client.end().catch(() => {});
    }
  }

  /** Asks the server to end what one of its processes is doing for this role. */
  async cancel(process: number): Promise<void> {
    await this.#lockHolder?.query('select pg_cancel_backend($1)', [process]);
  }

  async close(): Promise<void> {
    await this.#disconnect();
  }

  /**
   * Does the work until it is done. One loss is made good at once; from the second in a row on, as when the server is
   * away or the work itself brings its connection down, there is a wait between tries, and an end to them.
   */
  async #persist<T>(work: (client: pg.ClientBase) => Promise<T>, mayTakeLong = false): Promise<T> {
    const { events, maxOutageMs, name, stop, keeper } = this.#options;
    const watch = this.#watch(mayTakeLong);
    let contended = 0;
    let held = 0;
    let losses = 0;
    let lostAt = 0;
    for (;;) {
      // Whoever waited behind the one who gave up need not wait as long again.
      if (this.#lost !== null) throw this.#lost;
      try {
        const value = await this.#grace.within(() =>
          watch.within(async () => {
            try {
              return await work(this.#worker ?? (await this.#connect()));
            } finally {
              // What was written into files that nobody will find again is not done; and this explains most errors.
              await keeper?.verify();
            }
          }),
        );
        if (losses > 1) events.onOutage(null);
        else if (losses === 1) events.onNotice(`${name}: the connection was lost and made again`);
        return value;
      } catch (error) {
        if (error instanceof WaitedTooLong) this.#lost = error;
        if (error instanceof StoppedWaiting || error instanceof WaitedTooLong) {
          await this.#dropWork();
          throw error;
        }
        // The watch ends it sooner, where the server lets it see who waits.
        if (isHeldByOthers(error) && (held + 1) * LOCK_TIMEOUT_MS <= maxOutageMs) {
          held += 1;
          continue;
        }
        if (isContention(error) && contended < CONTENTION_TRIES) {
          contended += 1;
          continue;
        }
        // Our own old connection, which the server does not miss yet, may hold the lock; nobody else may.
        const isTaken = error instanceof DestinationLocked && !error.mayBeOurs;
        if (isTaken) throw this.#gaveUp(error);
        // What has become unusable under way, such as a certificate's file that is gone, can be mended and gone on with.
        if (error instanceof DestinationUnusable) throw new DestinationError(error.message, { cause: error });
        if (!isConnectionLoss(error) && !(error instanceof DestinationLocked))
          throw asPostgresError(error, name);
        await this.#disconnect();
        losses += 1;
        if (losses === 1) {
          lostAt = performance.now();
          continue;
        }
        if (losses === 2) events.onOutage({ cause: error });
        const patience =
          error instanceof DestinationLocked ? Math.min(maxOutageMs, UNNOTICED_MS) : maxOutageMs;
        if (stop.aborted && isConnectionLoss(error)) {
          throw new StoppedWaiting(`${name} was away when the run was asked to stop`, { cause: error });
        }
        if (stop.aborted || performance.now() - lostAt > patience) throw this.#gaveUp(error);
        // Cut short when the run is asked to stop; then there is one more try.
        await sleep(RETRY_EVERY_MS, undefined, { signal: stop }).catch(() => {});
      }
    }
  }

  #watch(mayTakeLong: boolean): WorkWatch {
    const { name, maxOutageMs, events } = this.#options;
    return new WorkWatch({
      name,
      patienceMs: maxOutageMs,
      mayTakeLong,
      onNotice: events.onNotice,
      sides: () => (this.#worker === null ? null : { worker: this.#workerPid, asker: this.#lockHolder }),
    });
  }

  /** Ends what the worker's connection does, in the server too: a statement that waits there would hold locks. */
  async #dropWork(): Promise<void> {
    if (this.#worker !== null) {
      const cancelled = this.cancel(this.#workerPid).catch(() => {});
      await Promise.race([cancelled, sleep(FAREWELL_MS, undefined, { ref: false })]);
    }
    await this.#disconnect();
  }

  #gaveUp(cause: unknown): Error {
    this.#lost ??= this.#whyLost(cause);
    return this.#lost;
  }

  #whyLost(cause: unknown): Error {
    const { maxOutageMs, name } = this.#options;
    if (cause instanceof DestinationLocked) {
      return new LockLost(`the lock was lost while this run was at work: ${cause.message}`, { cause });
    }
    const said = asPostgresError(cause, name);
    return new DestinationError(
      `the database did not come back within ${Math.round(maxOutageMs / 1000)} s; ` +
        (said instanceof Error ? said.message : String(said)),
      { cause },
    );
  }

  async #connect(): Promise<pg.Client> {
    const { name, caFile, schema, sdkAppId, prepare, keeper } = this.#options;
    const url = (await keeper?.url()) ?? this.#options.url;
    const holder = await connect({ url, name, caFile, purpose: 'run' }, async (client) => {
      await takeLock(client, schema, sdkAppId);
      if (this.#runId !== null) await markRun(client, schema, this.#runId);
    });
    this.#lockHolder = holder;
    // A lock whose connection is gone may be another's by now: the work goes on over new connections only.
    holder.once('end', () => {
      if (this.#lockHolder === holder) this.#worker?.end().catch(() => {});
    });
    try {
      this.#worker = await connect({ url, name, caFile, purpose: 'writer' }, async (client) => {
        await prepare(client);
        // What the driver was told as the session began may be a pooler's number for it.
        const { rows } = await client.query('select pg_backend_pid() as pid');
        this.#workerPid = Number(rows[0]?.pid);
      });
      return this.#worker;
    } catch (error) {
      // With the lock still held, the next try would meet it.
      await this.#disconnect();
      throw error;
    }
  }

  async #disconnect(): Promise<void> {
    const clients = [this.#worker, this.#lockHolder];
    this.#worker = null;
    this.#lockHolder = null;
    // A host that vanished without a word would never answer the farewell.
    const farewells = clients.map((client) => client?.end().catch(() => {}));
    await Promise.race([Promise.all(farewells), sleep(FAREWELL_MS, undefined, { ref: false })]);
  }
}

async function inTransaction<T>(
  client: pg.ClientBase,
  work: (client: pg.ClientBase) => Promise<T>,
): Promise<T> {
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
}
