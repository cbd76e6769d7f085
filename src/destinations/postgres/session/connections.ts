import { setTimeout as sleep } from 'node:timers/promises';
import type pg from 'pg';
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
  /** Of a server of our own; it knows better than `url`. */
  readonly keeper?: ServerSupervisor | undefined;
  /** For messages: the URL without its password. */
  readonly name: string;
  readonly caFile?: string | null | undefined;
  readonly schema: string;
  readonly sdkAppId: number;
  /** Makes a new connection ready for work. */
  readonly prepare: (client: pg.ClientBase) => Promise<void>;
};

const CANCEL_MS = 1_000;
// The lock is free when the server has said goodbye, which takes a busy one its time: an attempt that comes right after would be
// refused.
const FAREWELL_MS = 5_000;

/** The two connections of a run: one that works, and one that does nothing but hold the run's lock. They come and go together. */
export class SessionConnections {
  readonly #options: SessionConnectionsOptions;
  #worker: pg.Client | null = null;
  #isReady = false;
  #opening: Promise<pg.Client> | null = null;
  #closings = 0;
  /** The server's process that works for it. */
  #workerPid = 0;
  #lockHolder: pg.Client | null = null;
  /** As the holder of now has it. */
  #lock: AppLock | null = null;
  #runId: number | null = null;

  constructor(options: SessionConnectionsOptions) {
    this.#options = options;
  }

  /** The connection that works, opened when there is none. */
  async worker(): Promise<pg.Client> {
    return this.#isReady && this.#worker !== null ? this.#worker : await this.open();
  }

  /** Null while there is no connection that works, or is being made ready. */
  get sides(): Sides | null {
    return this.#worker === null ? null : { worker: this.#workerPid, asker: this.#lockHolder };
  }

  /** Opens both, and takes the lock. @throws {DestinationLocked} */
  open(): Promise<pg.Client> {
    // Whoever asks meanwhile gets the same: a second pair would meet the lock of the first.
    if (this.#opening !== null) return this.#opening;
    const opening = this.#openBoth(this.#closings).finally(() => {
      if (this.#opening === opening) this.#opening = null;
    });
    this.#opening = opening;
    return opening;
  }

  /** @param closings how often these connections had been closed when it began; where they are closed meanwhile, it keeps none */
  async #openBoth(closings: number): Promise<pg.Client> {
    const { name, caFile, schema, sdkAppId, prepare } = this.#options;
    const requireWanted = (): void => {
      // As the driver says it of a connection that is no more.
      if (this.#closings !== closings) throw new Error('Client was closed while it was made ready');
    };
    const keep = async (client: pg.Client): Promise<pg.Client> => {
      if (this.#closings !== closings) await client.end().catch(() => {});
      requireWanted();
      return client;
    };
    const url = await this.#url();
    requireWanted();
    let lock: AppLock | null = null;
    const holder = await connect({ url, name, caFile, purpose: 'run' }, async (client) => {
      requireWanted();
      lock = await takeLock(client, schema, sdkAppId);
      requireWanted();
      if (this.#runId !== null) await markRun(client, schema, this.#runId);
    }).then(keep);
    this.#lockHolder = holder;
    this.#lock = lock;
    // A lock whose connection is gone may be another's by now: the work goes on over new connections only.
    holder.once('end', () => {
      if (this.#lockHolder === holder) this.#worker?.end().catch(() => {});
    });
    try {
      const worker = await connect({ url, name, caFile, purpose: 'writer' }, async (client) => {
        requireWanted();
        // What the driver was told as the session began may be a pooler's number for it.
        this.#workerPid = await serverProcess(client);
      }).then(keep);
      this.#worker = worker;
      // Others may hold what it needs: that is for the one who watches.
      if (this.#lock !== null) await waitForEarlierWrites(worker, this.#lock);
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

  /** Begins a transaction over the connection that works, while the lock is held. @throws as `beginUnderLock` */
  async begin(client: pg.ClientBase): Promise<void> {
    if (client !== this.#worker || this.#lock === null)
      throw new Error('Client was closed before the transaction began');
    await beginUnderLock(client, this.#lock);
  }

  /** Marks the run that these connections work on, and those that come after them. */
  async workOn(runId: number): Promise<void> {
    this.#runId = runId;
    if (this.#lockHolder !== null) await markRun(this.#lockHolder, this.#options.schema, runId);
  }

  /** Does something over a third connection, which holds no lock. */
  async apart(work: (client: pg.ClientBase) => Promise<unknown>): Promise<void> {
    const { name, caFile } = this.#options;
    const client = await connect({ url: await this.#url(), name, caFile, purpose: 'last word' });
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

  /** Closes both, and has ended what the worker does in the server too: a statement that waits there would hold locks. */
  async drop(): Promise<void> {
    if (this.#worker !== null) {
      const cancelled = this.cancel(this.#workerPid).catch(() => {});
      await Promise.race([cancelled, sleep(CANCEL_MS, undefined, { ref: false })]);
    }
    await this.close();
  }

  /** Closes both, and those that are being opened. */
  async close(): Promise<void> {
    const opening = this.#opening?.catch(() => {});
    this.#opening = null;
    await Promise.all([
      this.#closeBoth(),
      // It ends by itself as soon as its server answers; the lock that it may take until then would be met by the next attempt.
      Promise.race([opening, sleep(FAREWELL_MS, undefined, { ref: false })]),
    ]);
  }

  async #closeBoth(): Promise<void> {
    this.#closings += 1;
    const clients = [this.#worker, this.#lockHolder];
    this.#worker = null;
    this.#isReady = false;
    this.#lockHolder = null;
    this.#lock = null;
    // A host that vanished without a word would never answer the farewell.
    const farewells = clients.map((client) => client?.end().catch(() => {}));
    await Promise.race([Promise.all(farewells), sleep(FAREWELL_MS, undefined, { ref: false })]);
  }

  async #url(): Promise<string> {
    return (await this.#options.keeper?.url()) ?? this.#options.url;
  }
}
