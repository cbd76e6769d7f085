/** A reading of another clock, and the instants of our own between which it was made, ms. */
export type ClockReading = { readonly sentAt: number; readonly receivedAt: number; readonly read: number };

// Two clocks that are both kept in time by NTP differ by less: it corrects by at most 500 millionths, each way.
const DRIFT = 0.001;

/**
 * How far another machine's clock is ahead of our own, between two bounds. An answer takes an unknown part of its round trip,
 * so each reading gives bounds, as wide as the round trip. The bounds of all readings together are those of the quickest ones:
 * an answer that comes late does not make them wider.
 */
export class RemoteClock {
  #least = Number.NEGATIVE_INFINITY;
  #most = Number.POSITIVE_INFINITY;
  #readAt = 0;
  #readings = 0;

  /** Readings since the clock was last set. */
  get readings(): number {
    return this.#readings;
  }

  /** How far the bounds were apart at the last reading, ms. */
  get uncertaintyMs(): number {
    return this.#most - this.#least;
  }

  /** @returns by how much the clock was set since the last reading, ms; 0 when the reading agrees with those before */
  observe({ sentAt, receivedAt, read }: ClockReading): number {
    const drifted = this.#readings === 0 ? 0 : (receivedAt - this.#readAt) * DRIFT;
    const [knownLeast, knownMost] = [this.#least - drifted, this.#most + drifted];
    const [least, most] = [read - receivedAt, read - sentAt];
    this.#readAt = receivedAt;
    if (least > knownMost || most < knownLeast) {
      this.#least = least;
      this.#most = most;
      this.#readings = 1;
      return least > knownMost ? least - knownMost : most - knownLeast;
    }
    this.#least = Math.max(least, knownLeast);
    this.#most = Math.min(most, knownMost);
    this.#readings += 1;
    return 0;
  }

  /** The first instant of our clock at which the other one may have reached an instant. */
  earliest(instant: number): number {
    return instant - this.#most;
  }

  /** The first instant of our clock at which the other one has certainly reached an instant. */
  latest(instant: number): number {
    return instant - this.#least;
  }
}
