import { closeSync, openSync, readSync, writeSync } from 'node:fs';

const READ_BYTES = 256 * 1024;

/**
 * Bytes to append now and to read back later, in memory while they fit and in a file beyond. Synchronous on purpose:
 * it is used while a plan is made, when nothing else goes on.
 */
export class SpillBuffer {
  readonly #path: string;
  readonly #memory: Buffer;
  #used = 0;
  #file: number | null = null;

  /** @param capacity bytes kept in memory; also the most that one `append` may take */
  constructor(path: string, capacity: number) {
    this.#path = path;
    this.#memory = Buffer.allocUnsafe(capacity);
  }

  /** Appends what `write` puts at the given offset of the given buffer; it returns the offset behind it. */
  append(most: number, write: (buffer: Buffer, offset: number) => number): void {
    if (this.#used + most > this.#memory.length) this.#spill();
    this.#used = write(this.#memory, this.#used);
  }

  /** All bytes in order, in pieces that are valid until the next one is asked for. */
  *pieces(): Generator<Buffer> {
    if (this.#file !== null) {
      const piece = Buffer.allocUnsafe(READ_BYTES);
      let position = 0;
      for (;;) {
        const read = readSync(this.#file, piece, 0, piece.length, position);
        if (read === 0) break;
        position += read;
        yield piece.subarray(0, read);
      }
    }
    yield this.#memory.subarray(0, this.#used);
  }

  close(): void {
    if (this.#file !== null) closeSync(this.#file);
    this.#file = null;
    this.#used = 0;
  }

  #spill(): void {
    this.#file ??= openSync(this.#path, 'wx+', 0o600);
    for (let written = 0; written < this.#used; ) {
      written += writeSync(this.#file, this.#memory, written, this.#used - written);
    }
    this.#used = 0;
  }
}

/** Reads records out of pieces: `read` gets the data and an offset, and gives the offset behind a record, or -1. */
export function* records<T>(
  pieces: Iterable<Buffer>,
  read: (data: Buffer, offset: number) => { readonly value: T; readonly end: number } | null,
): Generator<T> {
  let rest: Buffer = Buffer.alloc(0);
  for (const piece of pieces) {
    const data = rest.length === 0 ? piece : Buffer.concat([rest, piece]);
    let offset = 0;
    for (let record = read(data, offset); record !== null; record = read(data, offset)) {
      yield record.value;
      offset = record.end;
    }
    rest = Buffer.from(data.subarray(offset));
  }
}
