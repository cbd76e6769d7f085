import type pg from 'pg';
import { withTimeout } from '../../../resilience/timeout.ts';
import {
  type AppLock,
  beginUnderLock,
  markRun,
  takeLock,
  waitForEarlierWrites,
} from '../connect/advisory-lock.ts';
import { connect } from '../connect/connection.ts';
import { serverProcess } from '../connect/pooler.ts';
import type { Sides } from './backend-monitor.ts';
import type { ServerSupervisor } from './server-supervisor.ts';

export type SessionConnectionsOptions = {
  readonly url: string;
  /** For the bundled server. It overrides `url`. */
  readonly keeper?: ServerSupervisor | undefined;
  /** For messages: the URL without its password. */
  readonly name: string;
  readonly caFile?: string | null | undefined;
  readonly schema: string;
  readonly sdkAppId: number;
  /** Whether other processes may work for the app at the same time. */
  readonly share?: boolean | undefined;
  /** Prepares a new connection. */
  readonly prepare: (client: pg.ClientBase) => Promise<void>;
};

/** A connection that has the lock of its app. */
export type LockedConnection = { readonly client: pg.Client; readonly lock: AppLock };

const CANCEL_MS = 1_000;
// A busy server releases the lock some time after the connection was closed. An attempt that comes right after would be refused.
const FAREWELL_MS = 5_000;

/** The two connections of a run: one works, the other only holds the run's lock. They are opened and closed together. */
export class SessionConnections {
  readonly #options: SessionConnectionsOptions;
  #worker: pg.Client | null = null;
  #isReady = false;
  #opening: Promise<pg.Client> | null = null;
  #closings = 0;
  /** The server process of the connection. */
  #workerPid = 0;
  #lockHolder: pg.Client | null = null;
  /** The same for the current holder. */
  #lock: AppLock | null = null;
  /** A connection that has the lock already, for the next opening. */
  #adopted: LockedConnection | null = null;
  #runId: number | null = null;

  constructor(options: SessionConnectionsOptions) {
    this.#options = options;
  }

  /** The connection for work, opened when there is none. */
  async worker(): Promise<pg.Client> {
    return this.#isReady && this.#worker !== null ? this.#worker : await this.open();
  }

  /** Null while no connection for work is open or being prepared. */
  get sides(): Sides | null {
    return this.#worker === null ? null : { worker: this.#workerPid, asker: this.#lockHolder };
  }

  /** Makes the next opening use a connection that has the lock already. */
  adopt({ client, lock }: LockedConnection): void {
    this.#adopted = { client, lock };
  }

  /** Opens both, and takes the lock. @throws {DestinationLocked} */
  open(): Promise<pg.Client> {
    // Concurrent callers get the same pair: a second pair would meet the lock of the first.
    if (this.#opening !== null) return this.#opening;
    const opening = this.#openBoth(this.#closings).finally(() => {
      if (this.#opening === opening) this.#opening = null;
    });
    this.#opening = opening;
    return opening;
  }

  /** @param closings the number of closings at the start; if they were closed meanwhile, nothing is kept */
  async #openBoth(closings: number): Promise<pg.Client> {
    const { name, caFile, prepare, share = false } = this.#options;
    const requireWanted = (): void => {
      // The driver's message for a lost connection.
      if (this.#closings !== closings) throw new Error('Client was closed while it was made ready');
    };
    const keep = async (client: pg.Client): Promise<pg.Client> => {
      if (this.#closings !== closings) await client.end().catch(() => {});
      requireWanted();
      return client;
    };
    const url = await this.#url();
    requireWanted();
    const adopted = this.#adopted;
    this.#adopted = null;
    const { client: holder, lock } = adopted ?? (await this.#connectWithLock(url, requireWanted, keep));
    this.#lockHolder = holder;
    this.#lock = lock;
    // The lock of a lost connection may belong to another process by now: the work needs new connections.
    holder.once('end', () => {
      if (this.#lockHolder === holder) this.#worker?.end().catch(() => {});
    });
    try {
      const worker = await connect({ url, name, caFile, purpose: 'writer' }, async (client) => {
        requireWanted();
        // The driver's number for the process may come from a pooler.
        this.#workerPid = await serverProcess(client);
      }).then(keep);
      this.#worker = worker;
      // Others may hold what it needs: the watch handles that.
      // Workers that share the lock do not wait for each other; the fence of the attempt refuses what is older.
      if (this.#lock !== null && !share) await waitForEarlierWrites(worker, this.#lock);
      await prepare(worker);
      requireWanted();
      this.#isReady = true;
      return worker;
    } catch (error) {
      // With the lock still held, the next try would meet it.
      if (this.#lockHolder === holder) await this.#closeBoth();
      throw error;
    }
  }

  async #connectWithLock(
    url: string,
    requireWanted: () => void,
    keep: (client: pg.Client) => Promise<pg.Client>,
  ): Promise<{ readonly client: pg.Client; readonly lock: AppLock | null }> {
    const { name, caFile, schema, sdkAppId, share = false } = this.#options;
    let lock: AppLock | null = null;
    const client = await connect({ url, name, caFile, purpose: 'run' }, async (client) => {
      requireWanted();
      lock = await takeLock(client, schema, sdkAppId, share);
      requireWanted();
      if (this.#runId !== null) await markRun(client, schema, this.#runId, share);
    }).then(keep);
    return { client, lock };
  }

  /** Begins a transaction over the connection for work, while the lock is held. @throws as `beginUnderLock` */
  async begin(client: pg.ClientBase): Promise<void> {
    if (client !== this.#worker || this.#lock === null)
      throw new Error('Client was closed before the transaction began');
    await beginUnderLock(client, this.#lock);
  }

  /** Sets the run that these connections, and later ones, work on. */
  async workOn(runId: number): Promise<void> {
    this.#runId = runId;
    const { schema, share } = this.#options;
    if (this.#lockHolder !== null) await markRun(this.#lockHolder, schema, runId, share);
  }

  /** Runs work in a transaction over a third connection, which holds no lock. */
  async apart(work: (client: pg.ClientBase) => Promise<unknown>): Promise<void> {
    const { name, caFile } = this.#options;
    const client = await connect({ url: await this.#url(), name, caFile, purpose: 'last word' });
    try {
      await client.query('begin');
      await work(client);
      await client.query('commit');
    } finally {
      await client.end().catch(() => {});
    }
  }

  /** Asks the server to cancel the statement of one of its processes for this role. */
  async cancel(process: number): Promise<void> {
    await this.#lockHolder?.query('select pg_cancel_backend($1)', [process]);
  }

  /** Closes both, and cancels the statement of the worker at the server: a waiting statement would hold locks. */
  async drop(): Promise<void> {
    if (this.#worker !== null) {
      const cancelled = this.cancel(this.#workerPid).catch(() => {});
      await atMost(CANCEL_MS, cancelled);
    }
    await this.close();
  }

  /** Closes both, and those that are being opened. */
  async close(): Promise<void> {
    const opening = this.#opening?.catch(() => {});
    this.#opening = null;
    // It ends when its server answers. Until then the next attempt could meet its lock.
    await Promise.all([this.#closeBoth(), opening && atMost(FAREWELL_MS, opening)]);
  }

  async #closeBoth(): Promise<void> {
    this.#closings += 1;
    const clients = [this.#worker, this.#lockHolder, this.#adopted?.client];
    this.#worker = null;
    this.#isReady = false;
    this.#lockHolder = null;
    this.#lock = null;
    this.#adopted = null;
    // A host that vanished never answers the farewell.
    const farewells = clients.map((client) => client?.end().catch(() => {}));
    await atMost(FAREWELL_MS, Promise.all(farewells));
  }

  async #url(): Promise<string> {
    return (await this.#options.keeper?.url()) ?? this.#options.url;
  }
}

/** Waits for the work, but not longer than `ms`. */
const atMost = (ms: number, work: Promise<unknown>): Promise<unknown> =>
  withTimeout(work, { ms, onTimeout: () => {} });
