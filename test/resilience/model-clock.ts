import type { Clock } from '../../src/resilience/clock.ts';

type Timer = { readonly at: number; run: () => void };

/**
 * A clock that a model moves: as `ManualClock`, for code that awaits nothing but promises of its own. Between two timers it
 * lets only those settle, so that minutes at hundreds of calls a second take no longer than a second.
 */
export class ModelClock implements Clock {
  #now = 0;
  /** The next one last. */
  readonly #timers: Timer[] = [];

  now(): number {
    return this.#now;
  }

  schedule(run: () => void, ms: number): () => void {
    const timer = { at: this.#now + Math.max(0, ms), run };
    let from = 0;
    let to = this.#timers.length;
    while (from < to) {
      const middle = (from + to) >> 1;
      if ((this.#timers[middle]?.at ?? 0) > timer.at) from = middle + 1;
      else to = middle;
    }
    this.#timers.splice(from, 0, timer);
    return () => {
      timer.run = () => {};
    };
  }

  /** Moves on from timer to timer, for `ms`. */
  async advance(ms: number): Promise<void> {
    const end = this.#now + ms;
    for (let next = this.#timers.at(-1); next !== undefined && next.at <= end; next = this.#timers.at(-1)) {
      this.#timers.pop();
      this.#now = next.at;
      next.run();
      for (let turn = 0; turn < 4; turn += 1) await null;
    }
    this.#now = end;
  }
}
