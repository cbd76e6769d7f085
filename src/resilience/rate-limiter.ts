import { type Clock, SYSTEM_CLOCK } from './clock.ts';
import { MARGIN_BOUNDS_MS } from './margin.ts';
import { RateControl, type RateMargin, type Refusal } from './rate-control.ts';

/** Permission for one attempt. */
export type Slot = {
  /** The request is being written to its socket now. */
  written(): void;
  /** The attempt has ended. A slot whose request was never written counts from here. */
  release(): void;
  /** The server answered this attempt, and not with a rate-limit error. */
  accepted(): void;
  /** The server answered this attempt with a rate-limit error: the margin widens, or all callers slow down. */
  limited(): Refusal;
  /** The server asks to wait this long: no slot is granted meanwhile. */
  hold(ms: number): void;
};

export type RateLimiterOptions = {
  /** Calls a second that the server allows; a fraction above 1 is rounded down, one below 1 is one call in 1/rate s. */
  readonly rate: number;
  /** An extra distance, in ms, between a call and the rate-th one before it, for jitter on the way to the server. */
  readonly margin: RateMargin;
  /** No slot before this instant of the monotonic clock. */
  readonly notBefore?: number;
  readonly clock?: Clock;
};

type Waiter = { readonly grant: (slot: Slot) => void; readonly signal: AbortSignal };

// How late slots may be and still be caught up: after a blocked event loop, or a long garbage collection. Slots that are caught
// up come close together. The longer that lasts, the less the margin covers the jitter on the way to the server.
const CATCH_UP_MS = 100;
// Late slots come this many times as fast as even ones, and not all at once. The requests of a bunch delay each other on their
// way and at the server. They would arrive later than the requests a second after them, by more than the margin covers.
const CATCH_UP_SPEED = 8;
// No timer is more exact: slots within its error are granted with it.
const TIMER_MS = 1;
// Calls under way come back meanwhile. A much longer time would waste quota on a single accidental refusal.
const PAUSE_AFTER_LIMIT_MS = 100;
// The first calls meet cold code and new connections, on both sides. They arrive later than calls a second after them, which then
// follow too closely. From here the rate recovers as after a rate-limit error.
const PACE_AT_START = 0.8;
const PENDING = Number.POSITIVE_INFINITY;

/**
 * How long a call counts against the rate, with the margin, ms. How wide an earlier process had its automatic margin is not
 * recorded, so the widest counts.
 */
export const rateWindowMs = ({ rate, margin }: Pick<RateLimiterOptions, 'rate' | 'margin'>): number =>
  periodMs(rate) + (margin === 'auto' ? MARGIN_BOUNDS_MS.most : margin);

const periodMs = (rate: number): number => 1000 / Math.min(1, rate);

/**
 * Grants each attempt its slot, in the order of requests, so that no more than `rate` requests are **written** in any second.
 * Slots are evenly spaced on the monotonic clock. A late slot is caught up, but never sooner than a second and the margin after
 * the rate-th request before it was written, since a granted slot is not a request yet. Many late slots are spread, not granted
 * in a bunch.
 */
export class RateLimiter {
  readonly #clock: Clock;
  readonly #calls: number;
  readonly #periodMs: number;
  readonly #control: RateControl;
  readonly #writtenAt: number[];
  readonly #waiting: Waiter[] = [];
  #granted = 0;
  #due = Number.NEGATIVE_INFINITY;
  #soonest = Number.NEGATIVE_INFINITY;
  #pausedUntil: number;
  #hasBegun = false;
  #cancelTimer: () => void = () => {};

  constructor({ rate, margin, notBefore, clock = SYSTEM_CLOCK }: RateLimiterOptions) {
    this.#clock = clock;
    this.#pausedUntil = notBefore ?? Number.NEGATIVE_INFINITY;
    this.#calls = Math.max(1, Math.floor(rate));
    this.#periodMs = periodMs(rate);
    this.#control = new RateControl(rate, margin);
    this.#writtenAt = new Array<number>(this.#calls).fill(Number.NEGATIVE_INFINITY);
  }

  /** Waits for the next slot. @throws the signal's reason when it is aborted meanwhile */
  slot(signal: AbortSignal): Promise<Slot> {
    return new Promise((resolve, reject) => {
      signal.throwIfAborted();
      const drop = (): void => reject(signal.reason);
      const grant = (slot: Slot): void => {
        signal.removeEventListener('abort', drop);
        resolve(slot);
      };
      signal.addEventListener('abort', drop, { once: true });
      // Unused slots are lost: an idle time must not become a burst.
      if (this.#waiting.length === 0) this.#forgetIdleSlots();
      this.#waiting.push({ grant, signal });
      this.#pump();
    });
  }

  /** How many callers wait for their slot. */
  get waiting(): number {
    return this.#waiting.length;
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
      this.#control.startAt(PACE_AT_START, Math.max(now, this.#pausedUntil));
    }
    this.#due = Math.max(this.#due, now - this.#interval(now));
  }

  #pump(): void {
    this.#cancelTimer();
    for (;;) {
      while (this.#waiting[0]?.signal.aborted) this.#waiting.shift();
      if (this.#waiting.length === 0) return;
      const now = this.#clock.now();
      const at = this.#nextAt(now);
      if (at === PENDING) return; // written() or release() of that request pumps again
      if (at > now) {
        this.#cancelTimer = this.#clock.schedule(() => this.#pump(), Math.ceil(at - now));
        return;
      }
      this.#due = this.#dueAt(now);
      this.#soonest = Math.max(this.#soonest, now - TIMER_MS) + this.#interval(now) / CATCH_UP_SPEED;
      this.#waiting.shift()?.grant(this.#open());
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
      if (this.#waiting.length > 0) this.#pump();
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
