// The client reads no more at once than it has room for. Calls beyond that would wait with a whole answer at the server, which gives
// up on a connection that takes nothing for long: the call would be lost, and made again.
const MAX_BYTES = 32 * 1024 * 1024;
// Many times a page of 100 items: enough calls are under way with it, and not too many should pages turn out to be long.
const EXPECTED_BYTES = 128 * 1024;
const DECAY = 0.01;

/** How long answers are of late, and so how many may be on their way at once. */
export class AnswerSizes {
  #longest = EXPECTED_BYTES;

  observe(bytes: number): void {
    this.#longest = Math.max(bytes, this.#longest * (1 - DECAY));
  }

  /** One at least. */
  get mostAtOnce(): number {
    return Math.max(1, Math.floor(MAX_BYTES / Math.max(1, this.#longest)));
  }
}
