/**
 * Texts as bytes, in one buffer. A buffer for each is twice the objects to keep while a chunk is open, which then live long
 * enough to be collected late.
 */
export class JoinedTexts {
  readonly #bytes: Buffer;
  readonly #ends: readonly number[];

  constructor(texts: readonly string[]) {
    let end = 0;
    this.#ends = texts.map((text) => {
      end += Buffer.byteLength(text);
      return end;
    });
    this.#bytes = Buffer.from(texts.join(''));
  }

  /** Bytes of all of them. */
  get length(): number {
    return this.#bytes.length;
  }

  /** The bytes of the text at a place, which are not a copy. */
  at(place: number): Buffer {
    return this.#bytes.subarray(this.#ends[place - 1] ?? 0, this.#ends[place]);
  }
}
