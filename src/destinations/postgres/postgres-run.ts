import type pg from 'pg';
import { camelKeys, snakeKeys } from '../../json/key-case.ts';
import type { UserRows } from '../../rows/normalize.ts';
import { addCounts, type ChangeTotals, NO_COUNTS, type RunCounts } from '../contract/counts.ts';
import { reachCrashPoint } from '../contract/crash-points.ts';
import type {
  Chunk,
  ChunkResult,
  Committed,
  EncodedUser,
  ExistingRows,
  RunEnd,
  RunRecord,
  RunWriter,
  SharedRun,
  StopCause,
  WaitingForChunks,
} from '../contract/destination.ts';
import { AbortedByStop, DestinationError, LockLost } from '../contract/destination-error.ts';
import type { Timeline } from '../contract/timeline.ts';
import { upsertTimeline } from './ledger/attempt-rows.ts';
import { committedChanges } from './ledger/committed-changes.ts';
import {
  type Attempt,
  checkFence,
  closedAsFinished,
  IS_LAST_ATTEMPT,
  requireRunning,
  runIsGone,
} from './ledger/fence.ts';
import { markRecovered } from './ledger/recovered-users.ts';
import { committedSoFar, findRun, readLedgerTotals } from './ledger/run-rows.ts';
import type { SchemaTables } from './schema/schema-tables.ts';
import type { Session } from './session/session.ts';
import { claimedChunks, type SharedWork } from './sharing/shared-work.ts';
import { showCommitter } from './sharing/silent-workers.ts';
import {
  committedByOthers,
  committedByWorker,
  leaveAttempt,
  queueOpenChunks,
} from './sharing/worker-rows.ts';
import { writeChunk } from './write/commit-chunk.ts';
import { PostgresUser } from './write/encode-user.ts';
import { previewCommit, usersToRemove } from './write/known-users.ts';
import { removeOutsideThePlan, usersNotInPlan } from './write/pruning.ts';
import { type Maintenance, runMaintenance } from './write/run-maintenance.ts';

const CHUNKS_READ_AT_ONCE = 8;

/** The chunk is another worker's: the transaction that would commit it is rolled back. */
class ClaimLost extends Error {
  override readonly name = 'ClaimLost';
}

/** The values with which a run is opened. */
export type PostgresRunState = {
  readonly record: RunRecord;
  readonly attempt: Attempt;
  readonly committed: Committed;
  readonly keepsHistory: boolean;
  /** Null when the run belongs to this process alone. */
  readonly shared: SharedWork | null;
};

/** A run at work in a schema. */
export class PostgresRun implements RunWriter {
  readonly record: RunRecord;
  readonly usersDone: number;
  readonly earlier: ExistingRows;
  readonly shared: SharedRun | null;
  readonly #session: Session;
  readonly #tables: SchemaTables;
  readonly #afterwards: Maintenance;
  readonly #attempt: Attempt;
  readonly #keepsHistory: boolean;
  readonly #shared: SharedWork | null;
  #queue: Promise<unknown> = Promise.resolve();
  #isFinished = false;

  constructor(
    session: Session,
    tables: SchemaTables,
    afterwards: Maintenance,
    { record, attempt, committed, keepsHistory, shared }: PostgresRunState,
  ) {
    this.#session = session;
    this.#tables = tables;
    this.#afterwards = afterwards;
    this.record = { ...record, counts: committed.counts };
    this.usersDone = committed.usersDone;
    this.#attempt = attempt;
    this.#keepsHistory = keepsHistory;
    this.#shared = shared;
    this.shared = shared?.cohort ?? null;
    this.earlier = {
      previewCommit: (result) =>
        this.#inTurn(() => session.run((client) => previewCommit(client, tables, record.sdkAppId, result))),
      committedChanges: (users, except) =>
        this.#inTurn(() =>
          session.run((client) => committedChanges(client, tables, record.runId, { users, except })),
        ),
      usersToRemove: (result) =>
        this.#inTurn(() => session.run((client) => usersToRemove(client, tables, record.sdkAppId, result))),
      usersNotInPlan: () =>
        this.#inTurn(() =>
          session.runLong(async (client) => {
            // If the plan is lost, every user would be outside of it.
            await requireRunning(client, this.#tables, this.#attempt);
            return await usersNotInPlan(client, tables, record);
          }),
        ),
    };
  }

  openChunks(pass: 1 | 2, waiting?: WaitingForChunks): AsyncGenerator<Chunk> {
    return this.#shared === null
      ? this.#plannedChunks(pass)
      : this.#claimedChunks(pass, this.#shared, waiting);
  }

  #claimedChunks(pass: 1 | 2, shared: SharedWork, waiting?: WaitingForChunks): AsyncGenerator<Chunk> {
    const { runId } = this.record;
    const { runChunks } = this.#tables;
    const query = (text: string, values: unknown[]) =>
      this.#inTurn(() => this.#session.run((client) => client.query(text, values)));
    return claimedChunks(shared.claims, {
      runId,
      onIdle: waiting?.onIdle ?? (() => {}),
      isPaused: waiting?.isPaused ?? (() => false),
      ended: waiting === undefined ? shared.stop : AbortSignal.any([shared.stop, waiting.ended]),
      attempt: this.#attempt.number,
      pass,
      usersOf: async (chunk) => {
        const { rows } = await query(
          `select user_ids from ${runChunks} where run_id = $1 and chunk = $2 and pass = $3 and committed_at is null`,
          [runId, chunk, pass],
        );
        return rows[0] === undefined ? null : (rows[0].user_ids as string[]);
      },
      queueLost: () => this.#queueLost(shared),
      isAnyOpenElsewhere: async (mine) => {
        const state = await this.#inTurn(() =>
          this.#session.run((client) => checkFence(client, this.#tables, this.#attempt)),
        );
        if (state === 'finished') return false;
        const { rows } = await query(
          `select exists (select from ${runChunks}
           where run_id = $1 and pass = $2 and committed_at is null and chunk <> all($3::int[])) as is_open`,
          [runId, pass, mine],
        );
        return rows[0]?.is_open === true;
      },
    });
  }

  async *#plannedChunks(pass: 1 | 2): AsyncGenerator<Chunk> {
    let after = 0;
    for (;;) {
      const from = after;
      const { rows } = await this.#inTurn(() =>
        this.#session.run((client) =>
          client.query(
            `select chunk, user_ids from ${this.#tables.runChunks}
             where run_id = $1 and pass = $2 and chunk > $3 and committed_at is null order by chunk limit $4`,
            [this.record.runId, pass, from, CHUNKS_READ_AT_ONCE],
          ),
        ),
      );
      for (const row of rows) {
        after = Number(row.chunk);
        yield { number: after, pass, userIds: row.user_ids as string[] };
      }
      if (rows.length < CHUNKS_READ_AT_ONCE) return;
    }
  }

  encode(user: UserRows, more: Iterable<UserRows> = []): EncodedUser {
    return new PostgresUser(user, more, this.record);
  }

  async commit(result: ChunkResult, changes: ChangeTotals | null = null): Promise<RunCounts | null> {
    const { number } = result.chunk;
    const shared = this.#shared;
    const claim = shared?.claims.of(number) ?? null;
    // The heartbeat has found that another worker pulls it.
    if (shared !== null && (claim === null || result.chunk.lost?.aborted)) return null;
    const committed = this.#transaction(async (client) => {
      if (shared !== null) await showCommitter(client, this.#tables, this.#attempt);
      // A chunk that is split gets a number that no other worker gives away.
      const state = await checkFence(
        client,
        this.#tables,
        this.#attempt,
        result.remaining.length > 0 ? 'update' : 'share',
      );
      if (state === 'finished') {
        if (shared === null) throw closedAsFinished(this.record.runId);
        return null;
      }
      reachCrashPoint('chunk-begun');
      const { runId, sdkAppId } = this.record;
      const { rows } = await client.query(
        `select counts, committed_at, attempt, worker from ${this.#tables.runChunks}
         where run_id = $1 and chunk = $2 and pass = $3 ${shared === null ? '' : 'for update'}`,
        [runId, number, result.chunk.pass],
      );
      // The database has lost the plan of the second pass. Or the plan was changed, which `finish` refuses.
      if (rows[0] === undefined) return null;
      if (rows[0].committed_at) {
        const isOurs = rows[0].attempt === this.#attempt.number && rows[0].worker === this.#attempt.worker;
        // The connection was lost after the commit: nothing is left to do.
        return isOurs ? (camelKeys(rows[0].counts) as RunCounts) : null;
      }
      const target = { tables: this.#tables, runId, sdkAppId, keepsHistory: this.#keepsHistory };
      const written = await writeChunk(client, target, result);
      if (this.record.retryOfRun !== null) await markRecovered(client, this.#tables, this.record, result);
      reachCrashPoint('chunk-rows-written');
      const counts = addCounts(result.counts, written);
      const left = await noteCommitted(client, this.#tables, this.#attempt, result, { counts, changes });
      if (shared !== null && claim !== null) {
        await this.#noteShared(client, shared, result, { counts, left });
        // Last: pg-boss waits for the lock of a job that is being completed, and with it the heartbeats of this worker.
        if (!(await shared.queue.complete(client, claim))) throw new ClaimLost();
      }
      reachCrashPoint('chunk-ledger-written');
      return counts;
    });
    const counts = await committed.catch((error: unknown) => {
      if (error instanceof ClaimLost) return null;
      throw error;
    });
    if (claim !== null) shared?.claims.forget(claim);
    if (counts === null) return null;
    shared?.cohort.add({ usersDone: usersDoneIn(result), counts });
    reachCrashPoint('chunk-committed');
    return counts;
  }

  /** Records a commit where the other workers see it, and queues the chunk of the users who were not reached. */
  async #noteShared(
    client: pg.ClientBase,
    { queue, cohort }: SharedWork,
    result: ChunkResult,
    { counts, left }: { readonly counts: RunCounts; readonly left: number | null },
  ): Promise<void> {
    const { runId, number, worker } = this.#attempt;
    const mine = addCounts(cohort.mine.counts, counts);
    await client.query(
      `update ${this.#tables.runAttempts} set users_done = users_done + $4, counts = $5, report = $6
       where run_id = $1 and attempt = $2 and worker = $3`,
      [runId, number, worker, usersDoneIn(result), JSON.stringify(snakeKeys(mine)), cohort.report],
    );
    if (left !== null)
      await queue.add(client, [{ runId, attempt: number, chunk: left, pass: result.chunk.pass }]);
  }

  /** Queues open chunks again whose jobs were lost, whatever removed them. */
  async #queueLost({ queue }: SharedWork): Promise<void> {
    const { runId, number } = this.#attempt;
    await this.#transaction(async (client) => {
      // While no worker commits: its chunk and its job change together.
      if ((await checkFence(client, this.#tables, this.#attempt, 'update')) === 'finished') return;
      const known = await queue.unfinished(client, { runId, attempt: number });
      await queueOpenChunks(client, this.#tables, this.#attempt, queue, known);
    });
  }

  async planSecondPass(): Promise<void> {
    const shared = this.#shared;
    await this.#longTransaction(async (client) => {
      if (shared === null) await requireRunning(client, this.#tables, this.#attempt);
      // Another worker may have finished the run already.
      else if ((await checkFence(client, this.#tables, this.#attempt, 'update')) === 'finished') return;
      const { runId, chunkSize } = this.record;
      // If chunks of the first pass are lost, some of the users that they deferred are unknown.
      const { rowCount } = await client.query(
        `update ${this.#tables.runs} r set second_pass_planned = true
         where run_id = $1 and not second_pass_planned and not exists
           (select from ${this.#tables.runChunks} c where c.run_id = r.run_id and c.committed_at is null)`,
        [runId],
      );
      if (rowCount === 0) return;
      reachCrashPoint('second-pass-begun');
      await client.query(
        `insert into ${this.#tables.runChunks} (run_id, chunk, pass, user_count, user_ids)
         select $1, (select max(chunk) from ${this.#tables.runChunks} where run_id = $1) + 1 + part, 2,
                count(*), array_agg(user_id order by place)
         from (select user_id, place, (place - 1) / $2::int as part
               from (select d.user_id, row_number() over (order by c.chunk, d.ordinal) as place
                     from ${this.#tables.runChunks} c, unnest(c.deferred) with ordinality as d(user_id, ordinal)
                     where c.run_id = $1) placed) parted
         group by part`,
        [runId, chunkSize],
      );
      if (shared !== null) await queueOpenChunks(client, this.#tables, this.#attempt, shared.queue);
    });
    reachCrashPoint('second-pass-planned');
  }

  async finish({ prune = false } = {}): Promise<RunEnd> {
    const { runId } = this.record;
    const end = await this.#longTransaction(async (client): Promise<RunEnd> => {
      // The connection was lost after the commit.
      if ((await checkFence(client, this.#tables, this.#attempt)) === 'finished')
        return await this.#finished(client);
      reachCrashPoint('finish-begun');
      const { isComplete, committed } = await readLedgerTotals(client, this.#tables, this.record);
      if (!isComplete) {
        this.#shared?.cohort.restart(await this.#totals(client));
        return { kind: 'incomplete', committed };
      }
      const target = { ...this.record, keepsHistory: this.#keepsHistory };
      const pruned = prune ? await removeOutsideThePlan(client, this.#tables, target) : NO_COUNTS;
      await client.query(
        `update ${this.#tables.runs} set status = 'finished', finished_at = now(), counts = $2 where run_id = $1`,
        [runId, JSON.stringify(snakeKeys(addCounts(committed.counts, pruned)))],
      );
      await client.query(
        `update ${this.#tables.runChunks} set user_ids = null, deferred = null, changes = null where run_id = $1`,
        [runId],
      );
      reachCrashPoint('finish-written');
      return await this.#finished(client);
    });
    if (end.kind === 'incomplete') return end;
    this.#isFinished = true;
    reachCrashPoint('finished');
    const afterwards = { ...this.#afterwards, keepsHistory: this.#keepsHistory };
    await this.#inTurn(() => runMaintenance(this.#session, this.#tables, end.record, afterwards));
    reachCrashPoint('tidied-up');
    const confirmed = await this.#inTurn(() => this.#readEnd());
    this.#isFinished = confirmed.kind === 'finished';
    return confirmed;
  }

  async saveTimeline(timeline: Timeline): Promise<void> {
    const keep = (client: pg.ClientBase) => upsertTimeline(client, this.#tables, this.#attempt, timeline);
    // Once the run is finished, an unavailable database is not waited for.
    await this.#inTurn(() =>
      this.#isFinished ? this.#session.writeBeforeExit(keep) : this.#session.run(keep),
    );
  }

  async stop({ stopReason, error }: StopCause, timeline?: Timeline): Promise<void> {
    await this.#inTurn(() =>
      this.#session.writeBeforeExit(async (client) => {
        const { runId, number, countedAt } = this.#attempt;
        // While others work, a worker that leaves does not stop the run; and the reason why one stopped it for all stays.
        const isLast = this.#shared === null || (await leaveAttempt(client, this.#tables, this.#attempt));
        if (this.#shared !== null)
          this.#shared.cohort.left(isLast, await committedByOthers(client, this.#tables, this.#attempt));
        if (isLast) {
          await client.query(
            `update ${this.#tables.runs} set stop_reason = $4, error = $5
             where ${IS_LAST_ATTEMPT} and status = 'running' and exit_code is null`,
            [runId, number, countedAt, stopReason, error],
          );
        }
        if (timeline !== undefined) await upsertTimeline(client, this.#tables, this.#attempt, timeline);
      }),
    );
  }

  /**
   * Reads the run's row again after its last commit, over a new connection if one was lost. A server that was restored, or a
   * standby that took over with a lag, may have lost the commit.
   */
  async #readEnd(): Promise<RunEnd> {
    const read = async (client: pg.ClientBase): Promise<RunEnd> => {
      if ((await checkFence(client, this.#tables, this.#attempt)) === 'finished')
        return await this.#finished(client);
      return { kind: 'incomplete', committed: await committedSoFar(client, this.#tables, this.record.runId) };
    };
    // A finished run needs no lock. Its row is read once more before the end.
    const readAtLast = (): Promise<RunEnd> =>
      new Promise((resolve, reject) => {
        this.#session.writeBeforeExit(async (client) => resolve(await read(client))).catch(reject);
      });
    try {
      return await this.#session.run(read).catch((error: unknown) => {
        if (error instanceof LockLost || error instanceof AbortedByStop) return readAtLast();
        throw error;
      });
    } catch (error) {
      // A time-out without a stop is not a stop.
      if (error instanceof AbortedByStop && this.#afterwards.stop.aborted) throw error;
      if (!(error instanceof DestinationError)) throw error;
      throw new DestinationError(
        `run ${this.record.runId} may be finished, but this could not be confirmed: ${error.message}; ` +
          'run chat-export verify when the database has recovered',
        { cause: error },
      );
    }
  }

  async #finished(client: pg.ClientBase): Promise<RunEnd & { readonly kind: 'finished' }> {
    const { runId, sdkAppId } = this.record;
    const record = await findRun(client, this.#tables, sdkAppId, { runId });
    if (record === null) throw runIsGone(runId);
    return { kind: 'finished', record };
  }

  /** What earlier attempts and this worker have committed, by the ledger. */
  async #totals(client: pg.ClientBase): Promise<{ before: Committed; mine: Committed }> {
    const { runId, number } = this.#attempt;
    return {
      before: await committedSoFar(client, this.#tables, runId, number),
      mine: await committedByWorker(client, this.#tables, this.#attempt),
    };
  }

  #transaction<T>(work: (client: pg.ClientBase) => Promise<T>): Promise<T> {
    return this.#inTurn(() => this.#session.transaction(work));
  }

  #longTransaction<T>(work: (client: pg.ClientBase) => Promise<T>): Promise<T> {
    return this.#inTurn(() => this.#session.longTransaction(work));
  }

  /** One operation at a time: there is one connection for the work. */
  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const done = this.#queue.then(work);
    this.#queue = done.catch(() => {});
    return done;
  }
}

const usersDoneIn = ({ chunk, deferred, remaining }: ChunkResult): number =>
  chunk.userIds.length - deferred.length - remaining.length;

/**
 * Records the result of a chunk in the ledger. Users whom the run did not reach become a new chunk.
 * @returns the number of the new chunk, or null
 */
async function noteCommitted(
  client: pg.ClientBase,
  { runChunks }: SchemaTables,
  { runId, number: attempt, worker }: Attempt,
  { chunk, deferred, remaining }: ChunkResult,
  { counts, changes }: { readonly counts: RunCounts; readonly changes: ChangeTotals | null },
): Promise<number | null> {
  await client.query(
    `update ${runChunks}
     set committed_at = now(), deferred = $3, counts = $4, changes = $5, attempt = $6, worker = $7
     where run_id = $1 and chunk = $2`,
    [
      runId,
      chunk.number,
      deferred,
      JSON.stringify(snakeKeys(counts)),
      changes === null ? null : JSON.stringify(changes),
      attempt,
      worker,
    ],
  );
  if (remaining.length === 0) return null;
  const left = new Set(remaining);
  const done = chunk.userIds.filter((userId) => !left.has(userId));
  await client.query(
    `update ${runChunks} set user_ids = $3, user_count = cardinality($3::text[]) where run_id = $1 and chunk = $2`,
    [runId, chunk.number, done],
  );
  const { rows } = await client.query(
    `insert into ${runChunks} (run_id, chunk, pass, user_count, user_ids)
     select $1, max(chunk) + 1, $2, cardinality($3::text[]), $3 from ${runChunks} where run_id = $1 returning chunk`,
    [runId, chunk.pass, remaining],
  );
  return Number(rows[0]?.chunk);
}
