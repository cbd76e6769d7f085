import type pg from 'pg';
import type { UserRows } from '../../tables/normalize.ts';
import { addCounts, NO_COUNTS, type RunCounts } from '../counts.ts';
import type { Chunk, ChunkResult, EarlierRows, EncodedUser, OpenRun, RunRecord } from '../destination.ts';
import { LockLost } from '../destination-error.ts';
import { comeBy } from '../steps.ts';
import type { Timeline } from '../timeline.ts';
import { type Afterwards, tidyUp } from './after-run.ts';
import { writeChunk } from './commit-chunk.ts';
import { PostgresUser } from './encode-user.ts';
import { foresee } from './known-users.ts';
import { markMended } from './mended-users.ts';
import { outsideThePlan, removeOutsideThePlan } from './pruning.ts';
import { findRun } from './run-rows.ts';
import type { SchemaTables } from './schema-tables.ts';
import type { Session } from './session.ts';
import { writeTimeline } from './start-rows.ts';

const CHUNKS_READ_AT_ONCE = 8;

/** A run at work in a schema. */
export class PostgresRun implements OpenRun {
  readonly record: RunRecord;
  readonly usersDone: number;
  readonly earlier: EarlierRows;
  readonly #session: Session;
  readonly #tables: SchemaTables;
  readonly #afterwards: Afterwards;
  readonly #keepsHistory: boolean;
  #queue: Promise<unknown> = Promise.resolve();
  #isFinished = false;

  constructor(
    session: Session,
    tables: SchemaTables,
    afterwards: Afterwards,
    record: RunRecord,
    usersDone: number,
    keepsHistory: boolean,
  ) {
    this.#session = session;
    this.#tables = tables;
    this.#afterwards = afterwards;
    this.record = record;
    this.usersDone = usersDone;
    this.#keepsHistory = keepsHistory;
    this.earlier = {
      foresee: (result) =>
        this.#inTurn(() => session.run((client) => foresee(client, tables, record.sdkAppId, result))),
      outsideThePlan: () =>
        this.#inTurn(() => session.runLong((client) => outsideThePlan(client, tables, record))),
    };
  }

  async *openChunks(pass: 1 | 2): AsyncGenerator<Chunk> {
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

  async commit(result: ChunkResult): Promise<RunCounts> {
    const counts = await this.#transaction(async (client) => {
      await this.#checkFence(client);
      comeBy('chunk-begun');
      const { runId, sdkAppId } = this.record;
      const { rows } = await client.query(
        `select counts, committed_at from ${this.#tables.runChunks} where run_id = $1 and chunk = $2`,
        [runId, result.chunk.number],
      );
      // The connection was lost after the commit had arrived: nothing is left to do.
      if (rows[0]?.committed_at) return rows[0].counts as RunCounts;
      const target = { tables: this.#tables, runId, sdkAppId, keepsHistory: this.#keepsHistory };
      const written = await writeChunk(client, target, result);
      if (this.record.mends !== null) await markMended(client, this.#tables, this.record, result);
      comeBy('chunk-rows-written');
      const counts = addCounts(result.counts, written);
      await client.query(
        `update ${this.#tables.runChunks} set committed_at = now(), deferred = $3, counts = $4
         where run_id = $1 and chunk = $2`,
        [runId, result.chunk.number, result.deferred, JSON.stringify(counts)],
      );
      comeBy('chunk-ledger-written');
      return counts;
    });
    comeBy('chunk-committed');
    return counts;
  }

  async planSecondPass(): Promise<void> {
    await this.#longTransaction(async (client) => {
      await this.#checkFence(client);
      const { runId, chunkSize } = this.record;
      const { rowCount } = await client.query(
        `update ${this.#tables.runs} set second_pass_planned = true where run_id = $1 and not second_pass_planned`,
        [runId],
      );
      if (rowCount === 0) return;
      comeBy('second-pass-begun');
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
    });
    comeBy('second-pass-planned');
  }

  async finish(counts: RunCounts, { prune = false } = {}): Promise<RunRecord> {
    const { runId, sdkAppId } = this.record;
    const finished = await this.#longTransaction(async (client) => {
      const before = await findRun(client, this.#tables, sdkAppId, { runId });
      if (before?.status === 'finished' && before.starts === this.record.starts) return before;
      await this.#checkFence(client);
      comeBy('finish-begun');
      const target = { ...this.record, keepsHistory: this.#keepsHistory };
      const pruned = prune ? await removeOutsideThePlan(client, this.#tables, target) : NO_COUNTS;
      await client.query(
        `update ${this.#tables.runs} set status = 'finished', finished_at = now(), counts = $2 where run_id = $1`,
        [runId, JSON.stringify(addCounts(counts, pruned))],
      );
      await client.query(
        `update ${this.#tables.runChunks} set user_ids = null, deferred = null where run_id = $1`,
        [runId],
      );
      const finished = await findRun(client, this.#tables, sdkAppId, { runId });
      if (finished === null) throw new Error(`run ${runId} is gone`);
      comeBy('finish-written');
      return finished;
    });
    this.#isFinished = true;
    comeBy('finished');
    const afterwards = { ...this.#afterwards, keepsHistory: this.#keepsHistory };
    await this.#inTurn(() => tidyUp(this.#session, this.#tables, finished, afterwards));
    comeBy('tidied-up');
    return finished;
  }

  async keepTimeline(timeline: Timeline): Promise<void> {
    const keep = (client: pg.ClientBase) => writeTimeline(client, this.#tables, this.record, timeline);
    // Once the run is finished, a database that is away is not worth waiting for.
    await this.#inTurn(() => (this.#isFinished ? this.#session.lastWord(keep) : this.#session.run(keep)));
  }

  async stop(reason: string, timeline?: Timeline): Promise<void> {
    await this.#inTurn(() =>
      this.#session.lastWord(async (client) => {
        await client.query(
          `update ${this.#tables.runs} set stopped_by = $3 where run_id = $1 and starts = $2 and status = 'running'`,
          [this.record.runId, this.record.starts, reason],
        );
        if (timeline !== undefined) await writeTimeline(client, this.#tables, this.record, timeline);
      }),
    );
  }

  /**
   * Nobody else has taken this run over. The row stays locked until the transaction ends, so a successor waits for what
   * is being committed, and what comes after its start sees its number here.
   */
  async #checkFence(client: pg.ClientBase): Promise<void> {
    const { rows } = await client.query(
      `select starts, status from ${this.#tables.runs} where run_id = $1 for share`,
      [this.record.runId],
    );
    const now = rows[0];
    if (now?.status === 'running' && Number(now.starts) === this.record.starts) return;
    const what =
      now === undefined
        ? 'it was removed'
        : now.status === 'running'
          ? 'another start has gone on with it'
          : `it was closed as ${String(now.status)}`;
    throw new LockLost(
      `run ${this.record.runId} is no longer this process's: ${what}; nothing more was committed`,
    );
  }

  #transaction<T>(work: (client: pg.ClientBase) => Promise<T>): Promise<T> {
    return this.#inTurn(() => this.#session.transaction(work));
  }

  #longTransaction<T>(work: (client: pg.ClientBase) => Promise<T>): Promise<T> {
    return this.#inTurn(() => this.#session.longTransaction(work));
  }

  /** One thing at a time: there is one connection to work with. */
  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const done = this.#queue.then(work);
    this.#queue = done.catch(() => {});
    return done;
  }
}
