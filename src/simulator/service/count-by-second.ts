const SECOND = 1_000;
/** Seconds of which single counts are kept: a little more than a day. */
const MAX_SECONDS = 100_000;

/** Counts in each second since a first instant. */
export class CountBySecond {
  readonly #counts: number[] = [];

  /** @param since the first instant, ms */
  add(since: number): void {
    const second = Math.floor(since / SECOND);
    if (second >= MAX_SECONDS) return;
    while (this.#counts.length <= second) this.#counts.push(0);
    this.#counts[second] = (this.#counts[second] ?? 0) + 1;
  }

  /** Up to the last second that has a count. */
  get counts(): number[] {
    return [...this.#counts];
  }
}
