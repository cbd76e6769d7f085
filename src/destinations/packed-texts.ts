import type { Scratch } from './contract/scratch.ts';

const MAX_READ_AT_ONCE = 64 * 1024;

/**
 * Texts as bytes, in one buffer, or out of memory. With a buffer for each text, an open chunk would have twice the objects, which
 * live long enough to be freed late.
 */
export class PackedTexts {
  /** The bytes of all texts. */
  readonly length: number;
  readonly #ends: readonly number[];
  #bytes: Buffer | { readonly scratch: Scratch; readonly place: number };

  /** @param more further parts, each appended to the text at its index; made one after the other */
  constructor(texts: readonly string[], more: Iterable<readonly string[]> = []) {
    const { bytes, ends } = withParts(joined(texts), more);
    this.#bytes = bytes;
    this.#ends = ends;
    this.length = bytes.length;
  }

  /** Moves the texts out of memory. @returns false when there is no room */
  moveTo(scratch: Scratch): boolean {
    if (!Buffer.isBuffer(this.#bytes)) return true;
    const place = scratch.write(this.#bytes);
    if (place === null) return false;
    this.#bytes = { scratch, place };
    return true;
  }

  /** The bytes of the text at an index, in pieces; none for an empty text. */
  *at(place: number): Generator<Buffer> {
    const [from, end] = [this.#ends[place - 1] ?? 0, this.#ends[place] ?? 0];
    if (Buffer.isBuffer(this.#bytes)) {
      if (end > from) yield this.#bytes.subarray(from, end);
      return;
    }
    const { scratch, place: start } = this.#bytes;
    for (let at = from; at < end; at += MAX_READ_AT_ONCE) {
      yield scratch.read(start + at, Math.min(MAX_READ_AT_ONCE, end - at));
    }
  }
}

type Joined = { readonly bytes: Buffer; readonly ends: readonly number[] };

function joined(texts: readonly string[]): Joined {
  let end = 0;
  const ends = texts.map((text) => {
    end += Buffer.byteLength(text);
    return end;
  });
  return { bytes: Buffer.from(texts.join('')), ends };
}

/** Each part is encoded before the next is made: a concatenated text takes many times its bytes. */
function withParts(first: Joined, more: Iterable<readonly string[]>): Joined {
  const parts = [first];
  for (const texts of more) parts.push(joined(texts));
  if (parts.length === 1) return first;
  const pieces: Buffer[] = [];
  let end = 0;
  const ends = first.ends.map((_, place) => {
    for (const { bytes, ends } of parts) {
      const piece = bytes.subarray(ends[place - 1] ?? 0, ends[place]);
      pieces.push(piece);
      end += piece.length;
    }
    return end;
  });
  return { bytes: Buffer.concat(pieces, end), ends };
}
