/** A time-out that can be stopped and resumed. Only the time in which it runs counts. */
export class Countdown {
  readonly #onEnd: () => void;
  #leftMs: number;
  #runsSince = 0;
  #timer: NodeJS.Timeout | null = null;

  /** Starts at once. */
  constructor(ms: number, onEnd: () => void) {
    this.#leftMs = ms;
    this.#onEnd = onEnd;
    this.resume();
  }

  readonly stop = (): void => {
    if (this.#timer === null) return;
    clearTimeout(this.#timer);
    this.#timer = null;
    this.#leftMs -= performance.now() - this.#runsSince;
  };

  readonly resume = (): void => {
    this.#runsSince = performance.now();
    this.#timer ??= setTimeout(this.#onEnd, Math.max(0, this.#leftMs));
  };
}
