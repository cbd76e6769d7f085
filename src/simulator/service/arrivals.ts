const SECOND = 1_000;

/** Arrivals of the last 1,000 ms. The fullest second bounds its memory. */
export class Arrivals {
  #ring = new Float64Array(1_024);
  #head = 0;
  #count = 0;

  /**
   * Adds an arrival (monotonic milliseconds) between `earliest` and `at`. Returns how many came for certain in the
   * 1,000 ms that end with `at`, this one included.
   */
  add(at: number, earliest = at): number {
    while (this.#count > 0 && (this.#ring[this.#head] ?? at) <= at - SECOND) {
      this.#head = (this.#head + 1) & (this.#ring.length - 1);
      this.#count--;
    }
    if (this.#count === this.#ring.length) this.#grow();
    this.#ring[(this.#head + this.#count) & (this.#ring.length - 1)] = earliest;
    return ++this.#count;
  }

  #grow(): void {
    const wider = new Float64Array(this.#ring.length * 2);
    for (let i = 0; i < this.#count; i++) {
      wider[i] = this.#ring[(this.#head + i) & (this.#ring.length - 1)] ?? 0;
    }
    this.#ring = wider;
    this.#head = 0;
  }
}
