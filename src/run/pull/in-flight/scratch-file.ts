import { createCipheriv, randomBytes } from 'node:crypto';
import { closeSync, openSync, readSync, unlinkSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { DestinationError } from '../../../destinations/contract/destination-error.ts';
import type { Scratch } from '../../../destinations/contract/scratch.ts';
import { errorText } from '../../../errors/system-error.ts';

const AES_BLOCK = 16;

export type ScratchFileOptions = {
  /** The path of the file, once it exists. */
  readonly directory: string;
  /** Called once a file, with a message, when the directory is full. */
  readonly onFull: (message: string) => void;
};

/**
 * Bytes that do not fit in memory, in a file without a name: the file disappears with the process in every case. It is encrypted
 * with a key that exists only in memory, since answers of the API contain user IDs, also in a run with pseudonyms. Writing and
 * reading are synchronous, so that written rows can be freed at once.
 */
export class ScratchFile implements Scratch {
  readonly #options: ScratchFileOptions;
  readonly #key = randomBytes(32);
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
    const sealed = this.#cross(bytes, place);
    try {
      this.#file ??= namelessFile(directory);
      for (let written = 0; written < bytes.length; ) {
        written += writeSync(this.#file, sealed, written, sealed.length - written, place + written);
      }
    } catch (error) {
      this.#isFull = true;
      onFull(`pulled data stays in memory, because ${directory} cannot be written: ${errorText(error)}`);
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
        `a temporary file in ${this.#options.directory} cannot be read: ${errorText(error)}; choose another directory with --temp-dir`,
        { cause: error },
      );
    }
    return this.#cross(bytes, place);
  }

  /** Encrypts or decrypts bytes at their offset. Each offset is written once, so no key stream is used twice. */
  #cross(bytes: Buffer, place: number): Buffer {
    const counter = Buffer.alloc(AES_BLOCK);
    counter.writeBigUInt64BE(BigInt(Math.floor(place / AES_BLOCK)), AES_BLOCK / 2);
    const cipher = createCipheriv('aes-256-ctr', this.#key, counter);
    cipher.update(Buffer.alloc(place % AES_BLOCK));
    return cipher.update(bytes);
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
