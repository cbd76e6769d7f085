import type pg from 'pg';
import type { ConnectionOptions } from '../connect/dial.ts';
import { asPostgresError } from '../connect/server-errors.ts';
import { type Boss, type BossClaim, type BossDatabase, inTransactionOf, loadPgBoss } from './pg-boss.ts';
import { QueueConnection } from './queue-connection.ts';
import { queueSchema } from './queue-schema.ts';
import { SUPERVISE_EVERY_S, Supervision } from './supervision.ts';

/** A chunk of a run's plan, as a job names it. */
export type QueuedChunk = {
  readonly runId: number;
  /** The attempt whose workers may pull it. */
  readonly attempt: number;
  readonly chunk: number;
  readonly pass: 1 | 2;
};

/** A chunk that this worker has claimed. */
export type ChunkClaim = BossClaim & { readonly data: QueuedChunk };

export type ChunkQueueOptions = Omit<ConnectionOptions, 'purpose'> & {
  readonly schema: string;
  readonly sdkAppId: number;
  /** Called with errors of pg-boss's own work, which it repeats. */
  readonly onError: (error: Error) => void;
};

// pg-boss takes no shorter heartbeat. A worker is missed within this and the interval of supervision.
const HEARTBEAT_S = 10;
// The heartbeat decides whether a worker is alive. A chunk may wait for a guard for hours.
const EXPIRE_S = 24 * 60 * 60 - 60;
const MAX_RETRIES = 1_000_000;
// A plan of ten million users is one statement of some megabytes for each so many chunks.
const JOBS_AT_ONCE = 5_000;

/** The open chunks of the runs of one app, as jobs of pg-boss: claims, heartbeats and redelivery are its own. */
export class ChunkQueue {
  readonly #boss: Boss;
  readonly #connection: QueueConnection;
  readonly #name: string;
  /** The table of pg-boss's jobs. */
  readonly #jobs: string;
  readonly #supervision: Supervision;

  private constructor(
    boss: Boss,
    connection: QueueConnection,
    name: string,
    jobs: string,
    onError: (error: Error) => void,
  ) {
    this.#boss = boss;
    this.#connection = connection;
    this.#name = name;
    this.#jobs = jobs;
    this.#supervision = new Supervision(boss, connection, name, onError);
  }

  /**
   * The tables of pg-boss are up to date (`queue-schema.ts`).
   * @throws {InvalidDestination} without pg-boss; {DestinationError} when the database is unavailable
   */
  static async open(options: ChunkQueueOptions): Promise<ChunkQueue> {
    const { schema, sdkAppId, onError } = options;
    const { PgBoss } = await loadPgBoss();
    const bossSchema = queueSchema(schema);
    const connection = new QueueConnection({ ...options, purpose: 'queue' });
    const boss = new PgBoss({
      db: connection,
      schema: bossSchema,
      migrate: false,
      createSchema: false,
      // On a timer of its own.
      supervise: false,
      monitorIntervalSeconds: SUPERVISE_EVERY_S,
      schedule: false,
      registerInstance: false,
      openTelemetry: { enabled: false },
    });
    // Without a listener, its error would end the process.
    boss.on('error', onError);
    try {
      // One process after the other: of several that start at once, pg-boss lets one fail.
      const key = `hashtextextended('chat-export:queue of ' || $1, 0)`;
      await connection.executeSql(`select pg_advisory_lock(${key})`, [bossSchema]);
      await boss.start();
      const queue = new ChunkQueue(boss, connection, `app_${sdkAppId}`, `${bossSchema}.job`, onError);
      await queue.#create();
      await connection.executeSql(`select pg_advisory_unlock(${key})`, [bossSchema]);
      queue.#supervision.start();
      return queue;
    } catch (error) {
      await boss.stop({ graceful: false, close: false }).catch(() => {});
      await connection.close();
      throw asPostgresError(error, options.name);
    }
  }

  async #create(): Promise<void> {
    if ((await this.#boss.getQueue(this.#name)) !== null) return;
    await this.#boss.createQueue(this.#name, {
      retryLimit: MAX_RETRIES,
      retryDelay: 0,
      heartbeatSeconds: HEARTBEAT_S,
      expireInSeconds: EXPIRE_S,
    });
  }

  /**
   * Removes every job, inside the transaction that is open on `client`: a process that plans and has lost the right to it
   * removes none. pg-boss itself removes them in transactions of its own.
   */
  async clear(client: pg.ClientBase): Promise<void> {
    await client.query(`delete from ${this.#jobs} where name = $1`, [this.#name]);
  }

  /** The chunks of an attempt that wait for a worker, or that one has claimed. */
  async unfinished(
    client: pg.ClientBase,
    { runId, attempt }: Pick<QueuedChunk, 'runId' | 'attempt'>,
  ): Promise<ReadonlySet<number>> {
    const { rows } = await client.query(
      `select (data->>'chunk')::int as chunk from ${this.#jobs}
       where name = $1 and state < 'completed' and data @> $2::jsonb`,
      [this.#name, JSON.stringify({ runId, attempt })],
    );
    return new Set(rows.map(({ chunk }) => Number(chunk)));
  }

  /** Adds chunks inside the transaction that is open on `client`. The first chunk is claimed first, also when it comes back. */
  async add(client: pg.ClientBase, chunks: Iterable<QueuedChunk>): Promise<void> {
    const db = inTransactionOf(client);
    let jobs: { readonly data: QueuedChunk; readonly priority: number }[] = [];
    const write = async (): Promise<void> => {
      if (jobs.length > 0) await this.#boss.insert(this.#name, jobs, { db });
      jobs = [];
    };
    for (const data of chunks) {
      jobs.push({ data, priority: -data.chunk });
      if (jobs.length >= JOBS_AT_ONCE) await write();
    }
    await write();
  }

  /** Claims the next chunk; null when none is free. */
  async claim(): Promise<ChunkClaim | null> {
    const [claim] = await this.#boss.fetch<QueuedChunk>(this.#name, { batchSize: 1, includeMetadata: true });
    return claim === undefined ? null : { id: claim.id, retryCount: claim.retryCount, data: claim.data };
  }

  /**
   * Says that this worker is alive.
   * @param db a connection that no work of pg-boss delays
   * @returns the claims among these that are no longer this worker's
   */
  async keep(claims: readonly ChunkClaim[], db: BossDatabase): Promise<readonly ChunkClaim[]> {
    if (claims.length === 0) return [];
    const { settled = [] } = await this.#boss.touch(this.#name, claims, { db });
    return claims.filter(({ id }) => !settled.includes(id));
  }

  /** Ends a claim inside the transaction that is open on `client`. @returns false when the claim is no longer this worker's */
  async complete(client: pg.ClientBase, claim: ChunkClaim): Promise<boolean> {
    const { affected } = await this.#boss.complete(this.#name, claim, null, { db: inTransactionOf(client) });
    return affected === 1;
  }

  /** Drops a claim of a chunk that needs no more work. */
  async drop(claim: ChunkClaim): Promise<void> {
    await this.#boss.complete(this.#name, claim, null, {});
  }

  /** Gives a claim back: another worker can claim the chunk at once. */
  async giveBack(claim: ChunkClaim): Promise<void> {
    await this.#boss.fail(this.#name, claim);
  }

  async close(): Promise<void> {
    this.#supervision.stop();
    await this.#boss.stop({ graceful: false, close: false }).catch(() => {});
    await this.#connection.close();
  }
}
