import { randomBytes } from 'node:crypto';
import { closeSync, openSync, readSync, unlinkSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { errorText, systemHint } from '../../errors/system-error.ts';
import { UserListError } from '../user-list-error.ts';

const READ_BYTES = 256 * 1024;

/** Something to read a file into. */
export const scratchBuffer = (): Buffer => Buffer.allocUnsafe(READ_BYTES);

/**
 * Bytes to append now and to read back later, in memory while they fit, otherwise in a file. The file has no name, so it
 * disappears with the process in every case. Synchronous on purpose: while a plan is made, no other work waits.
 */
export class SpillBuffer {
  readonly #directory: string;
  readonly #memory: Buffer;
  #used = 0;
  #file: number | null = null;

  /**
   * @param directory the directory of the file, if it is needed
   * @param capacity bytes kept in memory; also the most that one `append` may take
   */
  constructor(directory: string, capacity: number) {
    this.#directory = directory;
    this.#memory = Buffer.allocUnsafe(capacity);
  }

  /**
   * Appends the bytes that `write` puts at the given offset of the given buffer; it returns the offset after them.
   * @throws {UserListError} when the directory is full
   */
  append(most: number, write: (buffer: Buffer, offset: number) => number): void {
    if (this.#used + most > this.#memory.length) this.#spill();
    this.#used = write(this.#memory, this.#used);
  }

  /**
   * All appended bytes, in order.
   * @param read gets data and an offset, and returns the record that begins there with the offset after it, or null while the
   * data does not hold all of it
   * @param scratch the buffer for reading a file, longer than any record; sharing one saves the memory of many, which is freed
   * late
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
        // A record that is cut off at the end is read again.
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
  const hint = [systemHint(error), 'choose another directory with --temp-dir'].filter(Boolean).join(', or ');
  return new UserListError(
    [`the user list cannot be kept in ${directory} while it is read: ${errorText(error)}; ${hint}`],
    { cause: error },
  );
}

/** Yields the complete records of some data; returns the end of the last one. */
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
