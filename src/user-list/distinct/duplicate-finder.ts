import { MAX_KEPT_BYTES } from './kept-user.ts';
import { SpillBuffer, scratchBuffer } from './spill-buffer.ts';

// 256 parts of 32 KiB: 8 MiB of memory for any list, no file up to some 300,000 IDs, and sets of 40,000 IDs when ten million are
// compared.
const PARTS = 256;
const PART_BYTES = 32 * 1024;
const ORDINAL_BYTES = 6;
const MAX_RECORD_BYTES = ORDINAL_BYTES + 1 + MAX_KEPT_BYTES;

/**
 * Finds exactly which IDs of a long list repeat an earlier one. Its memory does not grow with the list, except for one bit an ID.
 * Equal IDs go into the same part, and each part is compared on its own.
 */
export class DuplicateFinder {
  readonly #parts: readonly SpillBuffer[];
  #ids = 0;

  /** @param directory the directory for parts that outgrow the memory, until `close` */
  constructor(directory: string) {
    this.#parts = Array.from({ length: PARTS }, () => new SpillBuffer(directory, PART_BYTES));
  }

  add(id: string): void {
    const ordinal = this.#ids;
    this.#ids += 1;
    this.#parts[partNumber(id)]?.append(MAX_RECORD_BYTES, (buffer, offset) => {
      const length = buffer.write(id, offset + ORDINAL_BYTES + 1);
      buffer.writeUIntBE(ordinal, offset, ORDINAL_BYTES);
      buffer[offset + ORDINAL_BYTES] = length;
      return offset + ORDINAL_BYTES + 1 + length;
    });
  }

  /** The ordinals (from 0, in the order of `add`) of all repeated IDs. */
  repetitions(): OrdinalSet {
    const repeated = new OrdinalSet(this.#ids);
    const scratch = scratchBuffer();
    for (const part of this.#parts) {
      const seen = new Set<string>();
      for (const { ordinal, id } of part.records(readRecord, scratch)) {
        if (seen.has(id)) repeated.add(ordinal);
        else seen.add(id);
      }
    }
    return repeated;
  }

  close(): void {
    for (const part of this.#parts) part.close();
  }
}

/** A set of whole numbers below a bound, one bit each. */
export class OrdinalSet {
  readonly #bits: Uint8Array;
  #size = 0;

  constructor(bound: number) {
    this.#bits = new Uint8Array(Math.ceil(bound / 8));
  }

  get size(): number {
    return this.#size;
  }

  add(ordinal: number): void {
    if (this.has(ordinal)) return;
    const byte = Math.floor(ordinal / 8);
    this.#bits[byte] = (this.#bits[byte] ?? 0) | (1 << (ordinal % 8));
    this.#size += 1;
  }

  has(ordinal: number): boolean {
    return ((this.#bits[Math.floor(ordinal / 8)] ?? 0) & (1 << (ordinal % 8))) !== 0;
  }
}

function readRecord(data: Buffer, offset: number) {
  const textAt = offset + ORDINAL_BYTES + 1;
  if (textAt > data.length) return null;
  const end = textAt + (data[textAt - 1] ?? 0);
  if (end > data.length) return null;
  const value = { ordinal: data.readUIntBE(offset, ORDINAL_BYTES), id: data.toString('utf8', textAt, end) };
  return { value, end };
}

// FNV-1a over UTF-16 units: spreads IDs that differ only in their last digits.
function partNumber(id: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < id.length; i += 1) hash = Math.imul(hash ^ id.charCodeAt(i), 0x01000193);
  return (hash ^ (hash >>> 16)) & (PARTS - 1);
}
