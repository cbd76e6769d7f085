import { createHash } from 'node:crypto';
import { DuplicateFinder, type OrdinalSet } from './duplicate-finder.ts';
import { MAX_KEPT_BYTES } from './kept-user.ts';
import { SpillBuffer } from './spill-buffer.ts';

const MEMORY_BYTES = 1024 * 1024;
const BATCH = 1000;

/** A user list, read to its end and checked, each user once, in the list's order; stored until `close`. */
export class DistinctUsers {
  /** Users in the list, each counted once. */
  readonly users: number;
  /** Lines that repeat a user of an earlier line. */
  readonly duplicates: number;
  /** A digest of the list: another list has another digest. */
  readonly digest: string;
  readonly #ids: SpillBuffer;
  readonly #repeated: OrdinalSet;

  private constructor(ids: SpillBuffer, repeated: OrdinalSet, lines: number, digest: string) {
    this.#ids = ids;
    this.#repeated = repeated;
    this.users = lines - repeated.size;
    this.duplicates = repeated.size;
    this.digest = digest;
  }

  /**
   * Reads a list to its end.
   * @param list batches of IDs, or of their form in the plan; its errors are thrown
   * @param tempDir the directory for nameless files, when the list does not fit in memory
   * @param signal ends the reading; its reason is thrown
   */
  static async read(
    list: AsyncIterable<string[]>,
    tempDir: string,
    signal: AbortSignal,
  ): Promise<DistinctUsers> {
    const ids = new SpillBuffer(tempDir, MEMORY_BYTES);
    const finder = new DuplicateFinder(tempDir);
    try {
      const digest = createHash('sha256');
      let count = 0;
      for await (const batch of list) {
        signal.throwIfAborted();
        for (const id of batch) {
          finder.add(id);
          ids.append(1 + MAX_KEPT_BYTES, (buffer, offset) => {
            const length = buffer.write(id, offset + 1);
            buffer[offset] = length;
            return offset + 1 + length;
          });
        }
        count += batch.length;
        digest.update(JSON.stringify(batch).slice(1, -1)).update(',');
      }
      return new DistinctUsers(ids, finder.repetitions(), count, digest.digest('hex'));
    } catch (error) {
      ids.close();
      signal.throwIfAborted();
      throw error;
    } finally {
      finder.close();
    }
  }

  /** The users in order, in batches; only the first `limit` if given. */
  *batches(limit = Number.POSITIVE_INFINITY): Generator<string[]> {
    let batch: string[] = [];
    let ordinal = -1;
    let left = limit;
    for (const id of this.#ids.records(readId)) {
      ordinal += 1;
      if (this.#repeated.has(ordinal)) continue;
      if (left <= 0) break;
      left -= 1;
      batch.push(id);
      if (batch.length < BATCH) continue;
      yield batch;
      batch = [];
    }
    if (batch.length > 0) yield batch;
  }

  close(): void {
    this.#ids.close();
  }
}

function readId(data: Buffer, offset: number) {
  if (offset >= data.length) return null;
  const end = offset + 1 + (data[offset] ?? 0);
  return end > data.length ? null : { value: data.toString('utf8', offset + 1, end), end };
}
