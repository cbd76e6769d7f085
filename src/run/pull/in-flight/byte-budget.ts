/** How many bytes of a kind may be held in memory, and how many are. */
export class ByteBudget {
  readonly #most: number;
  #held = 0;

  constructor(most: number) {
    this.#most = most;
  }

  /** Counts the bytes as held, if they fit. */
  take(bytes: number): boolean {
    if (this.#held + bytes > this.#most) return false;
    this.#held += bytes;
    return true;
  }

  /** Counts bytes that were taken as held no more. */
  give(bytes: number): void {
    this.#held -= bytes;
  }
}
