import { randomBytes } from 'node:crypto';
import { closeSync, openSync, readSync, unlinkSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { UserListError } from '../user-list-error.ts';

const READ_BYTES = 256 * 1024;

/** Something to read a file into. */
export const scratchBuffer = (): Buffer => Buffer.allocUnsafe(READ_BYTES);

/**
 * Bytes to append now and to read back later, in memory while they fit and in a file beyond. The file has no name, so
 * that it is gone with the process, however that ends. Synchronous on purpose: it is used while a plan is made, when
 * nothing else goes on.
 */
export class SpillBuffer {
  readonly #directory: string;
  readonly #memory: Buffer;
  #used = 0;
  #file: number | null = null;

  /**
   * @param directory where the file is, once it is needed
   * @param capacity bytes kept in memory; also the most that one `append` may take
   */
  constructor(directory: string, capacity: number) {
    this.#directory = directory;
    this.#memory = Buffer.allocUnsafe(capacity);
  }

  /**
   * Appends what `write` puts at the given offset of the given buffer; it returns the offset behind it.
   * @throws {UserListError} when the directory takes no more
   */
  append(most: number, write: (buffer: Buffer, offset: number) => number): void {
    if (this.#used + most > this.#memory.length) this.#spill();
    this.#used = write(this.#memory, this.#used);
  }

  /**
   * All that was appended, in order.
   * @param read gets data and an offset, and gives the record that begins there with the offset behind it, or null while
   * the data does not hold all of it
   * @param scratch what a file is read into, longer than any record: one for many buffers spares the memory of one for each,
   * which stays taken until it is collected
   */
  *records<T>(
    read: (data: Buffer, offset: number) => { readonly value: T; readonly end: number } | null,
    scratch: Buffer = scratchBuffer(),
  ): Generator<T> {
    if (this.#file !== null) {
      for (let position = 0; ; ) {
        const data = scratch.subarray(0, readSync(this.#file, scratch, 0, scratch.length, position));
        if (data.length === 0) break;
        const end = yield* recordsIn(data, read);
        if (end === 0) throw new RangeError(`no record ends within ${data.length} bytes`);
        // What is cut short at the end is read again, whole.
        position += end;
      }
    }
    yield* recordsIn(this.#memory.subarray(0, this.#used), read);
  }

  close(): void {
    if (this.#file !== null) closeSync(this.#file);
    this.#file = null;
    this.#used = 0;
  }

  #spill(): void {
    try {
      this.#file ??= namelessFile(this.#directory);
      for (let written = 0; written < this.#used; ) {
        written += writeSync(this.#file, this.#memory, written, this.#used - written);
      }
    } catch (error) {
      throw notKept(this.#directory, error);
    }
    this.#used = 0;
  }
}

function namelessFile(directory: string): number {
  const path = join(directory, `.chat-export-users-${process.pid}-${randomBytes(8).toString('hex')}`);
  const file = openSync(path, 'wx+', 0o600);
  unlinkSync(path);
  return file;
}

function notKept(directory: string, error: unknown): UserListError {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  const reason =
    code === 'ENOSPC' || code === 'EDQUOT' || code === 'EFBIG'
      ? `no space is left (${code}); free some`
      : `${error instanceof Error ? error.message : String(error)}; fix it`;
  return new UserListError(
    [
      `the user list cannot be kept in ${directory} while it is read: ${reason}, or choose another directory with --temp-dir`,
    ],
    { cause: error },
  );
}

/** Yields the whole records of some data; returns where the last of them ends. */
function* recordsIn<T>(
  data: Buffer,
  read: (data: Buffer, offset: number) => { readonly value: T; readonly end: number } | null,
): Generator<T, number> {
  let offset = 0;
  for (let record = read(data, offset); record !== null; record = read(data, offset)) {
    yield record.value;
    offset = record.end;
  }
  return offset;
}
