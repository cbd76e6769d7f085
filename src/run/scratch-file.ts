import { randomBytes } from 'node:crypto';
import { closeSync, openSync, readSync, unlinkSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { DestinationError } from '../destinations/destination-error.ts';
import type { Scratch } from '../destinations/scratch.ts';

export type ScratchFileOptions = {
  /** Where the file is, once it is needed. */
  readonly directory: string;
  /** Is told once per file, in words, that the directory takes no more. */
  readonly onFull: (message: string) => void;
};

/**
 * Bytes that have no room in memory, in a file without a name: it is gone with the process, however that ends.
 * Writing and reading are synchronous. They take some ten microseconds a page, and what is written is free to be collected
 * at once.
 */
export class ScratchFile implements Scratch {
  readonly #options: ScratchFileOptions;
  #file: number | null = null;
  #end = 0;
  #isFull = false;

  constructor(options: ScratchFileOptions) {
    this.#options = options;
  }

  write(bytes: Buffer): number | null {
    if (this.#isFull) return null;
    const { directory, onFull } = this.#options;
    const place = this.#end;
    try {
      this.#file ??= namelessFile(directory);
      for (let written = 0; written < bytes.length; ) {
        written += writeSync(this.#file, bytes, written, bytes.length - written, place + written);
      }
    } catch (error) {
      this.#isFull = true;
      onFull(`what is pulled stays in memory, since ${directory} takes no more of it: ${reasonOf(error)}`);
      return null;
    }
    this.#end += bytes.length;
    return place;
  }

  read(place: number, length: number): Buffer {
    const bytes = Buffer.allocUnsafe(length);
    try {
      for (let read = 0; read < length; ) {
        const some = this.#file === null ? 0 : readSync(this.#file, bytes, read, length - read, place + read);
        if (some === 0) throw new Error('it ends too soon');
        read += some;
      }
    } catch (error) {
      throw new DestinationError(
        `a temporary file in ${this.#options.directory} cannot be read: ${reasonOf(error)}; choose another directory with --temp-dir`,
        { cause: error },
      );
    }
    return bytes;
  }

  close(): void {
    if (this.#file !== null) closeSync(this.#file);
    this.#file = null;
    this.#isFull = true;
  }
}

function namelessFile(directory: string): number {
  const path = join(directory, `.chat-export-pulled-${process.pid}-${randomBytes(8).toString('hex')}`);
  const file = openSync(path, 'wx+', 0o600);
  unlinkSync(path);
  return file;
}

const reasonOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
