import type { FileHandle } from 'node:fs/promises';
import type { UserRows } from '../../rows/normalize.ts';
import type { Table } from '../../rows/table.ts';
import { allTables, rowTables, unexportedUsers } from '../../rows/tables.ts';
import { addCounts, type RunCounts } from '../contract/counts.ts';
import { reachCrashPoint } from '../contract/crash-points.ts';
import type {
  Chunk,
  ChunkResult,
  EncodedUser,
  RunEnd,
  RunRecord,
  RunWriter,
  StopCause,
} from '../contract/destination.ts';
import { DestinationError } from '../contract/destination-error.ts';
import type { Timeline } from '../contract/timeline.ts';
import { exists } from '../exists.ts';
import { CsvUser, csvLines } from './encode-user.ts';
import type { FileFormat } from './formats/format.ts';
import type { DirectoryLock } from './lock/directory-lock.ts';
import { lastNumber, readPlan, secondPlan } from './plan.ts';
import { publish } from './publish.ts';
import { type RowFile, readProgress } from './recover.ts';
import { replaceDurably, writeAt } from './storage/durable-file.ts';
import type { Layout } from './storage/layout.ts';
import type { LedgerEntry } from './storage/ledger.ts';
import { jsonLine } from './storage/lines.ts';
import { readRecord, recordText } from './storage/run-record.ts';
import { asDestinationError, toDestinationError } from './storage/system-error.ts';
import { writeTimeline } from './storage/timelines-file.ts';

/** The state of a run's directory when the run is opened. */
export type FileRunState = {
  readonly record: RunRecord;
  readonly usersDone: number;
  readonly ledger: FileHandle;
  /** By file name; empty when the files are being published already. */
  readonly files: ReadonlyMap<string, RowFile>;
  /** Rows by file name. */
  readonly rows: Readonly<Record<string, number>>;
};

/** A run at work in an export's directory. */
export class FileRun implements RunWriter {
  readonly record: RunRecord;
  readonly usersDone: number;
  readonly earlier = null;
  readonly shared = null;
  readonly #layout: Layout;
  readonly #lock: DirectoryLock;
  readonly #format: FileFormat;
  readonly #state: FileRunState;
  #committing: Promise<unknown> = Promise.resolve();
  #keeping: Promise<unknown> = Promise.resolve();
  /** Why a timeline could not be saved before the files were published; null: it was. */
  #notKept: unknown = null;
  #isPublishing: boolean;
  /** The highest chunk number, of the plan and of chunks that a stop left. */
  #lastChunk = 0;

  constructor(layout: Layout, lock: DirectoryLock, format: FileFormat, state: FileRunState) {
    this.record = state.record;
    this.usersDone = state.usersDone;
    this.#layout = layout;
    this.#lock = lock;
    this.#format = format;
    this.#state = state;
    this.#isPublishing = state.files.size === 0;
  }

  async *openChunks(pass: 1 | 2): AsyncGenerator<Chunk> {
    if (this.#state.files.size === 0) return;
    const { run } = this.#layout;
    const { chunkSize, list } = this.record;
    try {
      const progress = await readProgress(run, this.#format);
      const { chunksDone, remainders, remaindersMade: made } = progress;
      const first = { users: list.users, chunkSize, firstNumber: 1 };
      const second = {
        users: progress.deferred,
        chunkSize,
        firstNumber: lastNumber(first) + made[1] + 1,
      };
      this.#lastChunk = pass === 1 ? lastNumber(first) + made[1] : lastNumber(second) + made[2];
      const plan = pass === 1 ? { ...first, path: run.plan } : { ...second, path: run.secondPlan };
      for await (const chunk of readPlan({ ...plan, pass })) if (!chunksDone.has(chunk.number)) yield chunk;
      for (const chunk of remainders.values()) if (chunk.pass === pass) yield chunk;
    } catch (error) {
      throw toDestinationError(this.#layout.directory, error);
    }
  }

  encode(user: UserRows, more: Iterable<UserRows> = []): EncodedUser {
    return new CsvUser(user, more, this.record.sdkAppId);
  }

  /**
   * One commit at a time, since all append to the same files. After a failed commit, all later ones fail, too: only reading the
   * ledger again shows how much it holds.
   */
  commit(result: ChunkResult): Promise<RunCounts> {
    const committed = this.#committing.then(() =>
      asDestinationError(this.#layout.directory, () => this.#commit(result)),
    );
    this.#committing = committed;
    return committed;
  }

  async planSecondPass(): Promise<void> {
    if (this.#state.files.size === 0 || (await exists(this.#layout.run.secondPlan))) return;
    await asDestinationError(this.#layout.directory, async () => {
      await this.#lock.verify();
      const { ledger, secondPlan: path } = this.#layout.run;
      reachCrashPoint('second-pass-begun');
      await replaceDurably(path, secondPlan(ledger, this.record.chunkSize), () => this.#lock.verify());
      reachCrashPoint('second-pass-planned');
    });
  }

  async finish(): Promise<RunEnd> {
    return await asDestinationError(this.#layout.directory, async () => {
      await this.#lock.verify();
      reachCrashPoint('finish-begun');
      const finished: RunRecord = {
        ...this.record,
        status: 'finished',
        finishedAt: new Date().toISOString(),
        stopReason: null,
        error: null,
        counts: await this.#wholeCounts().catch(async (error) => {
          // Another attempt took over, published the run, and removed this file.
          await this.#lock.verify();
          throw error;
        }),
      };
      this.#isPublishing = true;
      await this.#keeping;
      await publish(this.#layout, this.#lock, this.#format, finished, this.#rows());
      // An earlier attempt may have finished the run and been killed before all files were in place.
      return { kind: 'finished', record: (await readRecord(this.#layout.manifest)) ?? finished };
    });
  }

  /** The sum of the ledger. @throws {DestinationError} when it does not cover every user of the plan */
  async #wholeCounts(): Promise<RunCounts> {
    const { ledger } = this.#layout.run;
    const { counts, usersDone } = await readProgress(this.#layout.run, this.#format);
    const { users } = this.record.list;
    const settled = counts.exported + counts.notInApp + counts.failed;
    // This was checked before the files were put in place.
    if (this.#isPublishing || (settled === users && usersDone === users)) return counts;
    throw new DestinationError(
      `${ledger} accounts for ${settled} of ${users} users: it, or a plan, was damaged; start over with --fresh`,
    );
  }

  /**
   * Saves nothing once the run is being published, which includes the last saved timeline. An earlier failure to save is reported
   * again.
   */
  saveTimeline(timeline: Timeline): Promise<void> {
    const { runId, attempts } = this.record;
    const kept = this.#keeping.then(() =>
      asDestinationError(this.#layout.directory, async () => {
        if (this.#isPublishing && this.#notKept !== null) throw this.#notKept;
        if (this.#isPublishing) return;
        await writeTimeline(this.#layout.run.timelines, { runId, attempt: attempts, timeline }, () =>
          this.#lock.verify(),
        );
      }),
    );
    this.#keeping = kept.then(
      () => {
        this.#notKept = null;
      },
      (error) => {
        this.#notKept = error;
      },
    );
    return kept;
  }

  async stop(why: StopCause, timeline?: Timeline): Promise<void> {
    await asDestinationError(this.#layout.directory, async () => {
      const text = recordText({ ...this.record, ...why }, this.#format.name);
      await replaceDurably(this.#layout.run.record, text, () => this.#lock.verify());
    });
    // The record matters more: a timeline that was not saved must not hide that the record was.
    if (timeline !== undefined) await this.saveTimeline(timeline).catch(() => {});
  }

  /** Closes the files. Committed rows are on disk. */
  async close(): Promise<void> {
    await this.#committing.catch(() => {});
    await this.#keeping;
    await this.#state.ledger.close();
    for (const { handle } of this.#state.files.values()) await handle.close();
  }

  #rows(): Record<string, number> {
    const rows = { ...this.#state.rows };
    for (const [name, file] of this.#state.files) rows[name] = file.rows;
    return rows;
  }

  async #commit(result: ChunkResult): Promise<RunCounts> {
    await this.#lock.verify();
    reachCrashPoint('chunk-begun');
    const changes: Record<string, number> = {};
    const grown: Record<string, { bytes: number; rows: number }> = {};
    for (const table of allTables) {
      const name = `${table.name}.csv`;
      const file = this.#state.files.get(name);
      if (file === undefined) throw new Error(`${name} is not open`);
      const { lines, rows } = linesFor(table, result);
      if (rows > 0) changes[table.name] = rows;
      let { bytes } = file;
      for (const some of inBatches(lines)) {
        const pieces = await this.#format.pack(some);
        // At an offset instead of the end: this overwrites the rest of a failed append.
        await writeAt(file.handle, pieces, bytes);
        for (const { length } of pieces) bytes += length;
      }
      if (bytes > file.bytes) await file.handle.sync();
      grown[name] = { bytes, rows: file.rows + rows };
    }
    reachCrashPoint('chunk-rows-written');
    const rowsWritten = rowTables.reduce((sum, { name }) => sum + (changes[name] ?? 0), 0);
    const counts = addCounts(result.counts, { rowsWritten, changes });
    const { chunk, deferred, remaining } = result;
    const remainder =
      remaining.length === 0 ? null : { number: this.#lastChunk + 1, pass: chunk.pass, userIds: remaining };
    const entry: LedgerEntry = {
      chunk: chunk.number,
      users: chunk.userIds.length - deferred.length - remaining.length,
      deferred,
      remainder,
      counts,
      files: grown,
    };
    await this.#lock.verify();
    await this.#state.ledger.appendFile(jsonLine(entry));
    reachCrashPoint('chunk-ledger-written');
    await this.#state.ledger.sync();
    reachCrashPoint('chunk-committed');
    if (remainder !== null) this.#lastChunk = remainder.number;
    for (const [name, { bytes, rows }] of Object.entries(grown)) {
      Object.assign(this.#state.files.get(name) ?? {}, { bytes, rows });
    }
    return counts;
  }
}

/** The lines of a chunk for one table, in the order of its users. */
function linesFor(
  { name }: Table,
  { exported, unexported }: ChunkResult,
): { readonly lines: Iterable<Buffer>; readonly rows: number } {
  const all = name === unexportedUsers.name ? [csvLines(unexportedUsers, unexported)] : [];
  for (const user of exported) {
    if (!(user instanceof CsvUser)) throw new TypeError(`${user.userId} was encoded for another destination`);
    const lines = user.lines(name);
    if (lines !== null) all.push(lines);
  }
  return {
    lines: (function* () {
      for (const { text } of all) yield* text;
    })(),
    rows: all.reduce((sum, { rows }) => sum + rows, 0),
  };
}

// A chunk usually has less, and is one batch. With gzip, each batch is compressed on its own.
const BATCH_BYTES = 4 * 1024 * 1024;

/** Groups the pieces into batches that fit in memory. */
function* inBatches(pieces: Iterable<Buffer>): Generator<readonly Buffer[]> {
  let batch: Buffer[] = [];
  let bytes = 0;
  for (const piece of pieces) {
    batch.push(piece);
    bytes += piece.length;
    if (bytes < BATCH_BYTES) continue;
    yield batch;
    batch = [];
    bytes = 0;
  }
  if (batch.length > 0) yield batch;
}
