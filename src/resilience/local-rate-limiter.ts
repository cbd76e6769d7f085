import { type Clock, SYSTEM_CLOCK } from './clock.ts';
import { RateControl } from './rate-control.ts';
import {
  callsInPeriod,
  PAUSE_AFTER_LIMIT_MS,
  periodMs,
  type RateLimiter,
  type RateOptions,
  type Slot,
} from './rate-limiter.ts';
import { WaitingCalls } from './waiting-calls.ts';

export type LocalRateLimiterOptions = RateOptions & {
  /** No slot before this instant of the monotonic clock. */
  readonly notBefore?: number;
  readonly clock?: Clock;
};

// How late slots may be and still be caught up: after a blocked event loop, or a long garbage collection. Slots that are caught
// up come close together. The longer that lasts, the less the margin covers the jitter on the way to the server.
const CATCH_UP_MS = 100;
// Late slots come this many times as fast as even ones, and not all at once. The requests of a bunch delay each other on their
// way and at the server. They would arrive later than the requests a second after them, by more than the margin covers.
const CATCH_UP_SPEED = 8;
// No timer is more exact: slots within its error are granted with it.
const TIMER_MS = 1;
const PENDING = Number.POSITIVE_INFINITY;

/**
 * The rate limiter of one process that has the quota for itself: no more than `rate` requests are **written** in any second.
 * Slots are evenly spaced on the monotonic clock. A late slot is caught up, but never sooner than a second and the margin after
 * the rate-th request before it was written, since a granted slot is not a request yet. Many late slots are spread, not granted
 * in a bunch.
 */
export class LocalRateLimiter implements RateLimiter {
  readonly #clock: Clock;
  readonly #calls: number;
  readonly #periodMs: number;
  readonly #control: RateControl;
  readonly #writtenAt: number[];
  readonly #waiting = new WaitingCalls();
  #granted = 0;
  #due = Number.NEGATIVE_INFINITY;
  #soonest = Number.NEGATIVE_INFINITY;
  #pausedUntil: number;
  #hasBegun = false;
  #cancelTimer: () => void = () => {};

  constructor({ rate, margin, notBefore, clock = SYSTEM_CLOCK }: LocalRateLimiterOptions) {
    this.#clock = clock;
    this.#pausedUntil = notBefore ?? Number.NEGATIVE_INFINITY;
    this.#calls = callsInPeriod(rate);
    this.#periodMs = periodMs(rate);
    this.#control = new RateControl(rate, margin);
    this.#writtenAt = new Array<number>(this.#calls).fill(Number.NEGATIVE_INFINITY);
  }

  /** Waits for the next slot. @throws the signal's reason when it is aborted meanwhile */
  slot(signal: AbortSignal): Promise<Slot> {
    if (signal.aborted) return Promise.reject(signal.reason);
    // Unused slots are lost: an idle time must not become a burst.
    if (this.#waiting.size === 0) this.#forgetIdleSlots();
    const slot = this.#waiting.add(signal);
    this.#pump();
    return slot;
  }

  /** How many callers wait for their slot. */
  get waiting(): number {
    return this.#waiting.size;
  }

  /** The share of the rate in use after rate-limit errors; 1 without recent ones. */
  get factor(): number {
    return this.#control.limitedRatio(this.#clock.now());
  }

  /** The margin in use, ms. */
  get marginMs(): number {
    return this.#control.marginMs;
  }

  get #windowMs(): number {
    return this.#periodMs + this.#control.marginMs;
  }

  #forgetIdleSlots(): void {
    const now = this.#clock.now();
    if (!this.#hasBegun) {
      this.#hasBegun = true;
      this.#control.startAt(Math.max(now, this.#pausedUntil));
    }
    this.#due = Math.max(this.#due, now - this.#interval(now));
  }

  #pump(): void {
    this.#cancelTimer();
    for (;;) {
      this.#waiting.dropAborted();
      if (this.#waiting.size === 0) return;
      const now = this.#clock.now();
      const at = this.#nextAt(now);
      if (at === PENDING) return; // written() or release() of that request pumps again
      if (at > now) {
        this.#cancelTimer = this.#clock.schedule(() => this.#pump(), Math.ceil(at - now));
        return;
      }
      this.#due = this.#dueAt(now);
      this.#soonest = Math.max(this.#soonest, now - TIMER_MS) + this.#interval(now) / CATCH_UP_SPEED;
      this.#waiting.grant(this.#open());
    }
  }

  /** The even slot after the last one, or later when that is too long ago to be caught up. */
  #dueAt(now: number): number {
    return Math.max(this.#due + this.#interval(now), now - CATCH_UP_MS);
  }

  #interval(now: number): number {
    return this.#windowMs / this.#calls / this.#control.throttleRatio(now);
  }

  #nextAt(now: number): number {
    const oldest = this.#writtenAt[this.#granted % this.#calls] ?? Number.NEGATIVE_INFINITY;
    return Math.max(this.#dueAt(now), oldest + this.#windowMs, this.#soonest, this.#pausedUntil);
  }

  #pauseUntil(at: number): void {
    this.#pausedUntil = Math.max(this.#pausedUntil, at);
  }

  #open(): Slot {
    const index = this.#granted % this.#calls;
    const writtenAt = this.#writtenAt;
    writtenAt[index] = PENDING;
    this.#granted += 1;
    let stamped = PENDING;
    const stamp = (): void => {
      if (stamped !== PENDING) return;
      stamped = this.#clock.now();
      writtenAt[index] = stamped;
      if (this.#waiting.size > 0) this.#pump();
    };
    return {
      written: stamp,
      release: stamp,
      accepted: () => {
        stamp();
        this.#control.accepted(stamped);
      },
      limited: () => {
        stamp();
        const now = this.#clock.now();
        const refusal = this.#control.limited(stamped, now);
        if (refusal === 'known' || refusal === 'bunched') return refusal;
        this.#pauseUntil(now + PAUSE_AFTER_LIMIT_MS);
        // The slots of this pause are not caught up: where the quota is full, they would be refused as well.
        if (refusal !== 'stray') this.#due = Math.max(this.#due, this.#pausedUntil - this.#interval(now));
        return refusal;
      },
      hold: (ms) => {
        stamp();
        this.#pauseUntil(this.#clock.now() + ms);
      },
    };
  }
}
