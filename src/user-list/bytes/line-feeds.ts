const LF = 0x0a;

/** Counts the line feeds of a stream up to offsets that only grow. Keeps only the bytes that are not counted yet. */
export class LineFeeds {
  #pieces: Buffer[] = [];
  #counted = 0;

  add(piece: Buffer): void {
    this.#pieces.push(piece);
  }

  /** The line feeds from the offset of the last call, at first 0, to `end`, counted in bytes from the start. */
  countTo(end: number): number {
    let found = 0;
    while (this.#counted < end) {
      const [piece] = this.#pieces;
      if (piece === undefined) break;
      const part = piece.subarray(0, end - this.#counted);
      for (let at = part.indexOf(LF); at !== -1; at = part.indexOf(LF, at + 1)) found += 1;
      this.#counted += part.length;
      if (part.length === piece.length) this.#pieces.shift();
      else this.#pieces[0] = piece.subarray(part.length);
    }
    return found;
  }
}
