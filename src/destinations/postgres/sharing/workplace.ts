import { setTimeout as sleep } from 'node:timers/promises';
import type pg from 'pg';
import type { DestinationEvents, Entry, RunRecord, RunWriter } from '../../contract/destination.ts';
import type { ShareSettings } from '../../contract/sharing.ts';
import { asPostgresError, isConnectionLoss } from '../connect/server-errors.ts';
import type { Attempt } from '../ledger/fence.ts';
import type { SchemaTables } from '../schema/schema-tables.ts';
import { ChunkClaims } from './chunk-claims.ts';
import { ChunkQueue } from './chunk-queue.ts';
import { Cohort, type CohortOptions } from './cohort.ts';
import { PlanLock } from './plan-lock.ts';
import { QueueConnection } from './queue-connection.ts';
import type { SharedWork } from './shared-work.ts';
import { endSilentCommits } from './silent-workers.ts';
import { SlotLeaseRow } from './slot-lease-row.ts';
import { insertFirstWorker, type LastSharedRun, queueOpenChunks, type SignsOfLife } from './worker-rows.ts';
import { SILENT_AFTER_MS } from './worker-state.ts';

export type WorkplaceOptions = {
  readonly url: string;
  readonly name: string;
  readonly caFile?: string | null | undefined;
  readonly schema: string;
  readonly sdkAppId: number;
  readonly share: ShareSettings;
  readonly stop: AbortSignal;
  readonly events: DestinationEvents;
};

export type Newcomer = {
  readonly isFresh: boolean;
  /** @throws {DestinationLocked} when processes pull another job of the app */
  readonly refuseOtherJobs: () => Promise<void>;
  readonly lastRun: () => Promise<LastSharedRun | null>;
  readonly signsOfLife: (runId: number) => Promise<SignsOfLife>;
  readonly record: (runId: number) => Promise<RunRecord | null>;
  /** Null when the run is over, or its workers should have left: this process plans. */
  readonly join: (runId: number) => Promise<RunWriter | null>;
  /** Resolves when the database answers. @throws when it has been unavailable for too long */
  readonly whenAvailable: () => Promise<void>;
};

// A worker that is frozen in a transaction must not hold its locks for long: pg-boss would wait for them before it gives the
// worker's other chunks away, which it does after ten seconds of silence.
const IDLE_IN_TRANSACTION_MS = 8_000;
// After a restart of the server, workers record a sign of life within this time.
const SIGN_OF_LIFE_WITHIN_MS = 5_000;
const LOOK_EVERY_MS = 250;
const END_SILENT_EVERY_MS = 3_000;
const LOCK_TRIES = 60;
const LOCK_AGAIN_AFTER_MS = 1_000;

/** What a process needs to pull a run with others: the queue, the lock for planning, and its own connections for both. */
export class Workplace {
  readonly #options: WorkplaceOptions;
  readonly #tables: SchemaTables;
  readonly #queue: ChunkQueue;
  /** For the state of the cohort: a long transaction of pg-boss must not delay it. */
  readonly #state: QueueConnection;
  readonly #openedAt: number;
  #planLock: PlanLock | null = null;
  #work: SharedWork | null = null;
  #leases: SlotLeaseRow | null = null;
  #whenAvailable: () => Promise<void> = async () => {};
  /** Until this process works on a run: it may wait for locks of workers that are frozen. */
  #watch: NodeJS.Timeout | null = null;

  private constructor(options: WorkplaceOptions, tables: SchemaTables, queue: ChunkQueue, openedAt: number) {
    this.#openedAt = openedAt;
    this.#options = options;
    this.#tables = tables;
    this.#queue = queue;
    this.#state = new QueueConnection({ ...options, purpose: 'worker' });
  }

  /** @throws {InvalidDestination} and {DestinationError} when the destination cannot be shared */
  static async open(options: WorkplaceOptions, tables: SchemaTables): Promise<Workplace> {
    const openedAt = performance.now();
    const { onNotice } = options.events;
    let said = '';
    // pg-boss reports every try of its work. The session that commits announces a database that is unavailable.
    const onError = (error: Error): void => {
      if (isConnectionLoss(error) || error.message === said) return;
      said = error.message;
      onNotice(`queue: ${said}`);
    };
    return new Workplace(options, tables, await ChunkQueue.open({ ...options, onError }), openedAt);
  }

  async prepare(client: pg.ClientBase): Promise<void> {
    await client.query(`set idle_in_transaction_session_timeout = ${IDLE_IN_TRANSACTION_MS}`);
  }

  /** As `Sharing.enter`. */
  async enter(newcomer: Newcomer): Promise<Entry> {
    const { isFresh, refuseOtherJobs, lastRun, record, join } = newcomer;
    this.#whenAvailable = newcomer.whenAvailable;
    await this.#takePlanLock(this.#options.stop);
    await refuseOtherJobs();
    const last = await lastRun();
    if (last?.isShared === true && last.isRunning) this.#watchSilentWorkers(last.runId);
    if (isFresh && last?.isRunning && last.isShared && (await this.#isAtWork(last.runId, newcomer))) {
      this.#options.events.onNotice(
        `--fresh ends run ${last.runId} for the processes that pull it now; start them again without --fresh to join the new run`,
      );
    }
    if (last !== null && !isFresh) {
      const cameMsAgo = performance.now() - this.#openedAt;
      if (last.finishedMsAgo !== null && last.finishedMsAgo < cameMsAgo) {
        const finished = await record(last.runId);
        if (finished !== null) return { kind: 'finished', record: finished };
      }
      if (last.halted !== null && last.halted.msAgo < cameMsAgo)
        return { kind: 'halted', halt: last.halted.halt };
      if (last.isRunning && last.isShared && (await this.#isAtWork(last.runId, newcomer))) {
        const run = await join(last.runId);
        if (run !== null) {
          await this.#releasePlanLock();
          return { kind: 'join', run };
        }
      }
    }
    return { kind: 'plan', done: () => this.#releasePlanLock() };
  }

  #watchSilentWorkers(runId: number): void {
    const end = (): void => void endSilentCommits(this.#state, this.#tables, runId).catch(() => {});
    this.#watch = setInterval(end, END_SILENT_EVERY_MS).unref();
  }

  #stopWatching(): void {
    if (this.#watch !== null) clearInterval(this.#watch);
    this.#watch = null;
  }

  /**
   * Whether processes are at work on a run. One that is alive may have lost its lock with the server, and takes it again when it
   * next commits. A newcomer must not take the run from it.
   */
  async #isAtWork(runId: number, { signsOfLife }: Newcomer): Promise<boolean> {
    const cameAt = performance.now();
    for (;;) {
      const waitedMs = performance.now() - cameAt;
      const { isLocked, lastSeenMsAgo } = await signsOfLife(runId);
      if (isLocked) return true;
      if (lastSeenMsAgo === null || lastSeenMsAgo > SILENT_AFTER_MS) return false;
      if (lastSeenMsAgo < waitedMs) return true;
      if (waitedMs > SIGN_OF_LIFE_WITHIN_MS) return false;
      await sleep(LOOK_EVERY_MS, undefined, { signal: this.#options.stop }).catch(() => {});
      this.#options.stop.throwIfAborted();
    }
  }

  /**
   * Opens an attempt for other workers, inside the transaction that counts it.
   * @throws {LockLost} as `requireRight` does
   */
  async beginAttempt(client: pg.ClientBase, attempt: Attempt): Promise<void> {
    await this.#queue.clear(client);
    await insertFirstWorker(client, this.#tables, attempt, this.#options.share.maxDurationMs);
    await queueOpenChunks(client, this.#tables, attempt, this.#queue);
    await this.requireRight();
  }

  /** To be called last in each transaction that plans. @throws {LockLost} when another process may be planning, too */
  async requireRight(): Promise<void> {
    await this.#planLock?.verify();
  }

  /** Begins to work. */
  work(
    attempt: Attempt,
    {
      before,
      leftMs,
      readRecord,
      endpoint,
    }: Pick<CohortOptions, 'before' | 'leftMs' | 'readRecord'> & {
      /** The address of the API, whose quota the workers share. */
      readonly endpoint: string;
    },
  ): SharedWork {
    this.#stopWatching();
    const claims = new ChunkClaims(this.#queue, this.#state);
    this.#leases = new SlotLeaseRow({ ...this.#options, endpoint });
    const cohort = new Cohort({
      database: this.#state,
      tables: this.#tables,
      attempt,
      before,
      leftMs,
      leases: this.#leases,
      takePlanLock: (stop) => this.#takePlanLock(stop),
      releasePlanLock: () => this.#releasePlanLock(),
      giveBack: (chunk) => claims.giveBack(chunk),
      openChunks: () => claims.chunks.length,
      onWorker: (news) => this.#options.events.onWorker?.(news),
      onNotice: (message) => this.#options.events.onNotice(message),
      readRecord,
    });
    claims.start();
    cohort.start();
    this.#work = {
      queue: this.#queue,
      claims,
      cohort,
      stop: this.#options.stop,
    };
    return this.#work;
  }

  async close(): Promise<void> {
    this.#stopWatching();
    this.#work?.cohort.close();
    await this.#work?.claims.close().catch(() => {});
    await this.#work?.cohort.leave().catch(() => {});
    await this.#leases?.close();
    await this.#queue.close();
    await this.#state.close();
    await this.#releasePlanLock();
  }

  /** How long an attempt may take that begins now, ms; null without a limit. */
  get maxDurationMs(): number | null {
    return this.#options.share.maxDurationMs;
  }

  /** @throws {AbortedByStop}, and {DestinationError} when it cannot be taken though the database answers */
  async #takePlanLock(stop: AbortSignal): Promise<void> {
    if (this.#planLock !== null) return;
    for (let tries = 1; ; tries += 1) {
      try {
        this.#planLock = await PlanLock.take(this.#options, this.#options, stop);
        return;
      } catch (error) {
        if (!isConnectionLoss(error) || tries >= LOCK_TRIES) throw asPostgresError(error, this.#options.name);
      }
      await this.#whenAvailable();
      await sleep(LOCK_AGAIN_AFTER_MS, undefined, { signal: stop }).catch(() => {});
    }
  }

  async #releasePlanLock(): Promise<void> {
    const lock = this.#planLock;
    this.#planLock = null;
    await lock?.release();
  }
}
