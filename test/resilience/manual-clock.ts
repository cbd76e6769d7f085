import type { Clock } from '../../src/resilience/clock.ts';
import { settled } from './timing.ts';

type Timer = { readonly at: number; readonly run: () => void };

/** A clock that stands still until a test moves it: no test depends on how fast the machine is. */
export class ManualClock implements Clock {
  #now = 5_000;
  readonly #timers = new Set<Timer>();

  now(): number {
    return this.#now;
  }

  schedule(run: () => void, ms: number): () => void {
    const timer = { at: this.#now + ms, run };
    this.#timers.add(timer);
    return () => this.#timers.delete(timer);
  }

  /** Resolves when the clock has been moved on by `ms`. */
  wait(ms: number): Promise<void> {
    return new Promise((resolve) => this.schedule(resolve, ms));
  }

  /** Moves on without a timer, as time does while the event loop is blocked. */
  block(ms: number): void {
    this.#now += ms;
  }

  /** Moves on from timer to timer, for `ms`. */
  async advance(ms: number): Promise<void> {
    const end = this.#now + ms;
    await settled();
    for (let next = this.#next(); next !== undefined && next.at <= end; next = this.#next()) {
      this.#run(next);
      await settled();
    }
    this.#now = Math.max(this.#now, end);
  }

  /** Moves on from timer to timer until the promise is settled. @throws when no timer is left before that */
  async until<T>(promise: Promise<T>): Promise<T> {
    let isSettled = false;
    const settle = (): void => {
      isSettled = true;
    };
    promise.then(settle, settle);
    for (await settled(); !isSettled; await settled()) {
      const next = this.#next();
      if (next === undefined) throw new Error('the promise is not settled, and no timer is left');
      this.#run(next);
    }
    return await promise;
  }

  #next(): Timer | undefined {
    let next: Timer | undefined;
    for (const timer of this.#timers) if (next === undefined || timer.at < next.at) next = timer;
    return next;
  }

  #run(timer: Timer): void {
    this.#timers.delete(timer);
    this.#now = Math.max(this.#now, timer.at);
    timer.run();
  }
}
