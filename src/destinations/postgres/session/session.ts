import { setTimeout as sleep } from 'node:timers/promises';
import type pg from 'pg';
import { withTimeout } from '../../../resilience/timeout.ts';
import type { DestinationEvents } from '../../contract/destination.ts';
import { AbortedByStop, DestinationError, DestinationTimeout } from '../../contract/destination-error.ts';
import { asPostgresError, ServerUnresponsive } from '../connect/server-errors.ts';
import { afterFailure, mayWaitForLock, NO_FAILURES } from './after-failure.ts';
import { BackendMonitor } from './backend-monitor.ts';
import { SessionConnections, type SessionConnectionsOptions } from './connections.ts';
import { connectWithLock, type SessionLockWait } from './lock-wait.ts';
import { ShutdownDeadline } from './shutdown-deadline.ts';
import { untilStopped } from './until-stopped.ts';

export type SessionOptions = SessionConnectionsOptions & {
  /** How long to wait for an unavailable database, ms. */
  readonly maxOutageMs: number;
  /** Ends the waiting for an unavailable database. */
  readonly stop: AbortSignal;
  readonly events: DestinationEvents;
  /** How to wait for the lock while another session has it; null to be refused. */
  readonly lockWait?: SessionLockWait | null | undefined;
};

const RETRY_EVERY_MS = 2_000;
const LAST_WORD_MS = 5_000;

/** The work of a run in the database. Connections are opened again as soon as an unavailable database has recovered. */
export class Session {
  readonly #options: SessionOptions;
  readonly #connections: SessionConnections;
  readonly #grace: ShutdownDeadline;
  /** Why the session does no more work. */
  #lost: unknown = null;
  #lockWaitedMs: number | null = null;

  private constructor(options: SessionOptions) {
    this.#options = options;
    this.#connections = new SessionConnections(options);
    this.#grace = new ShutdownDeadline(options.stop, options.name);
  }

  /**
   * Connects and takes the lock. It does not wait for a database that cannot be reached, only for locks of others. An attempt that
   * waits for the lock of the app also waits for a database that becomes unavailable meanwhile.
   * @throws {DestinationError} and {DestinationLocked}
   */
  static async open(options: SessionOptions): Promise<Session> {
    const session = new Session(options);
    try {
      await session.#open();
      return session;
    } catch (error) {
      await session.#connections.drop();
      throw asPostgresError(error, options.name);
    }
  }

  /** No work is under way yet that a stop would let finish. */
  async #open(): Promise<void> {
    const { name, stop, maxOutageMs, lockWait } = this.#options;
    if (lockWait) {
      const locked = await connectWithLock({ ...this.#options, lockWait });
      this.#lockWaitedMs = locked.waitedMs;
      this.#connections.adopt(locked);
    }
    const watch = this.#watch(true);
    for (let waits = 0; ; waits += 1) {
      try {
        await untilStopped(() => watch.within(() => this.#connections.open()), stop, name);
        return;
      } catch (error) {
        if (!mayWaitForLock(error, waits, maxOutageMs)) throw error;
      }
    }
  }

  /** How long it waited for the lock, ms; null when the lock was free. */
  get lockWaitedMs(): number | null {
    return this.#lockWaitedMs;
  }

  /** Runs work without a transaction, over a working connection. */
  run<T>(work: (client: pg.ClientBase) => Promise<T>): Promise<T> {
    return this.#persist(work);
  }

  /** The same, for work that takes long with many users. */
  runLong<T>(work: (client: pg.ClientBase) => Promise<T>): Promise<T> {
    return this.#persist(work, true);
  }

  /**
   * Runs work in a transaction, while this session holds the app's lock. The work starts again when the connection was lost or
   * the transaction had to give way to another. `work` itself finds out whether an earlier commit succeeded.
   */
  transaction<T>(work: (client: pg.ClientBase) => Promise<T>): Promise<T> {
    return this.#persist((client) => this.#inTransaction(client, work));
  }

  /** The same, for work that takes long with many users. */
  longTransaction<T>(work: (client: pg.ClientBase) => Promise<T>): Promise<T> {
    return this.#persist((client) => this.#inTransaction(client, work), true);
  }

  /** Shows readers that this session works on a run, until its end. */
  async workOn(runId: number): Promise<void> {
    await this.#persist(() => this.#connections.workOn(runId));
  }

  /** Runs work over a working connection, once; its errors are thrown unchanged. */
  async once<T>(work: (client: pg.ClientBase) => Promise<T>): Promise<T> {
    try {
      return await this.#watch(true).within(async () => await work(await this.#connections.worker()));
    } catch (error) {
      if (error instanceof ServerUnresponsive || error instanceof DestinationTimeout)
        await this.#connections.drop();
      throw error;
    }
  }

  /**
   * Writes a small record before the end, within a short time or not at all. If other work was given up, it uses a connection of
   * its own, which holds no lock.
   * @throws {AbortedByStop} when the time is up
   */
  async writeBeforeExit(work: (client: pg.ClientBase) => Promise<unknown>): Promise<void> {
    const isGivenUp = this.#lost !== null || this.#grace.isOver;
    const said = isGivenUp ? this.#connections.apart(work) : this.transaction(work);
    await withTimeout(said, {
      ms: LAST_WORD_MS,
      onTimeout: () => {
        throw new AbortedByStop(
          `${this.#options.name} was unavailable, or locked by others, when the run stopped`,
        );
      },
    });
  }

  /** Asks the server to cancel the statement of one of its processes for this role. */
  async cancel(process: number): Promise<void> {
    await this.#connections.cancel(process);
  }

  async close(): Promise<void> {
    // Work without a waiting caller would open them again.
    this.#lost ??= new DestinationError(`${this.#options.name} was closed`);
    await this.#connections.close();
  }

  /** Repeats the work until it succeeds, or until `afterFailure` decides that it fails. */
  async #persist<T>(work: (client: pg.ClientBase) => Promise<T>, mayTakeLong = false): Promise<T> {
    const { events, name, stop } = this.#options;
    const watch = this.#watch(mayTakeLong);
    let failures = NO_FAILURES;
    for (;;) {
      // Work that waited behind work which gave up does not wait as long again.
      if (this.#lost !== null) throw this.#lost;
      try {
        const value = await this.#grace.within(() => watch.within(() => this.#tryOnce(work)));
        if (failures.losses > 1) events.onOutage(null);
        else if (failures.losses === 1) events.onNotice(`${name}: the connection was lost and made again`);
        return value;
      } catch (error) {
        const now = performance.now();
        const decision = afterFailure(error, failures, this.#options, { now, isStopped: stop.aborted });
        // Set first, so that other work does not start while connections are being closed.
        if (decision.kind === 'fail' && decision.isFinal) this.#lost ??= decision.error;
        if (decision.connections === 'close') await this.#connections.close();
        if (decision.connections === 'drop') await this.#connections.drop();
        if (decision.outageMs !== null) events.onOutage({ cause: error, forMs: decision.outageMs });
        if (decision.kind === 'fail') throw decision.isFinal ? this.#lost : decision.error;
        failures = decision.failures;
        // Cut short when the run is asked to stop; then there is one more attempt.
        if (decision.kind === 'wait')
          await sleep(RETRY_EVERY_MS, undefined, { signal: stop }).catch(() => {});
      }
    }
  }

  async #tryOnce<T>(work: (client: pg.ClientBase) => Promise<T>): Promise<T> {
    try {
      return await work(await this.#connections.worker());
    } finally {
      // Files of an embedded directory that is gone were not really written. That also explains most errors.
      await this.#options.keeper?.verify();
    }
  }

  async #inTransaction<T>(client: pg.ClientBase, work: (client: pg.ClientBase) => Promise<T>): Promise<T> {
    try {
      await this.#connections.begin(client);
      const value = await work(client);
      await client.query('commit');
      return value;
    } catch (error) {
      // On a lost connection there is nothing to roll back.
      await client.query('rollback').catch(() => {});
      throw error;
    }
  }

  #watch(mayTakeLong: boolean): BackendMonitor {
    const { name, maxOutageMs, events } = this.#options;
    return new BackendMonitor({
      name,
      patienceMs: maxOutageMs,
      mayTakeLong,
      onNotice: events.onNotice,
      sides: () => this.#connections.sides,
    });
  }
}
