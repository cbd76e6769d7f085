import {
  FIRST_MARGIN,
  isWidest,
  MARGIN_BOUNDS_MS,
  type Margin,
  marginMs,
  narrowMargin,
  widenMargin,
} from './margin.ts';
import { NOT_THROTTLED, type Throttle, throttleAtStart, throttleRatio, tightenThrottle } from './throttle.ts';

/** Milliseconds, or a margin that finds itself. */
export type RateMargin = number | 'auto';

/**
 * The assumed cause of a rate-limit error, and so its effect:
 * - `bunched`: calls came closer together on their way. The margin is wider.
 * - `stray`: the same, with a fixed margin. The rate is cut for a second.
 * - `doubtful`: bunching, a line that stood still, or another client. The rate is cut for a second.
 * - `shared`: calls are refused below the rate, so another client uses the quota, or the quota is lower. The rate is cut.
 * - `known`: the call was sent before the last cut, and tells nothing new.
 */
export type Refusal = 'bunched' | 'stray' | 'doubtful' | 'shared' | 'known';

// A pace this much lower keeps 30 ms between a second's calls and the next ones. Calls that are refused then did not bunch.
const LOWER_PACE = 0.97;
// The second after a line stood still for some hundred milliseconds holds more calls than the quota, at any pace.
const STALL_MS = 500;
// At the whole rate. Refusals after this are a new matter.
const CALM_SECONDS = 3;
// So many of the last calls refused are no stray ones. Each is a fortieth of a second's calls.
const BURST = { least: 2, most: 5, share: 1 / 40 };
// Below this, a second has too few calls to judge a margin by, so a call counts as a fiftieth of a second at most.
const LEAST_RATE = 50;

/**
 * Decides what rate-limit errors call for. It knows of a refusal only by its code, so it tells causes apart by what cures them:
 * bunching ends with a wider margin, and a quota that is used by others only with a lower rate.
 *
 * Instants are ms of the monotonic clock. A call is known by when it was written.
 */
export class RateControl {
  readonly #rate: number;
  readonly #fixedMs: number | null;
  readonly #burst: number;
  #margin: Margin = FIRST_MARGIN;
  #cut: Throttle = NOT_THROTTLED;
  /** The margin before the first refusal of late, to which it returns when the margin was no cure. */
  #calmMs: number = MARGIN_BOUNDS_MS.start;
  #firstCutAt = Number.POSITIVE_INFINITY;
  /** Outcomes of the last calls that were sent after the last cut; true is a refusal. */
  #recent: boolean[] = [];
  #wasLimited = false;

  /** @param rate calls a second */
  constructor(rate: number, margin: RateMargin) {
    this.#rate = Math.max(rate, LEAST_RATE);
    this.#fixedMs = margin === 'auto' ? null : margin;
    this.#burst = Math.max(BURST.least, Math.min(BURST.most, Math.round(rate * BURST.share)));
  }

  /** The margin in use, ms. */
  get marginMs(): number {
    return this.#fixedMs ?? marginMs(this.#margin);
  }

  /** The share of the rate that may be used at `now`. */
  throttleRatio(now: number): number {
    return throttleRatio(this.#cut, now);
  }

  /** The share of the rate that rate-limit errors have left at `now`; the slow start does not count. */
  limitedRatio(now: number): number {
    return this.#wasLimited ? this.throttleRatio(now) : 1;
  }

  /** The last cut, or the start. */
  get throttle(): Throttle {
    return this.#cut;
  }

  /** Takes over the throttle that several processes share. @param isLimited whether rate-limit errors caused it */
  follow(throttle: Throttle, isLimited: boolean): void {
    this.#cut = throttle;
    this.#wasLimited = isLimited;
  }

  /** Begins at `now`, below the rate. */
  startAt(now: number): void {
    this.#cut = throttleAtStart(now);
  }

  /** The server answered a call, and not with a rate-limit error. */
  accepted(writtenAt: number): void {
    if (writtenAt <= this.#cut.at) return;
    this.#observe(false);
    // A lower pace proves nothing about the margin that the whole rate needs.
    if (this.throttleRatio(writtenAt) >= 1) this.#margin = narrowMargin(this.#margin, 1 / this.#rate);
  }

  /** The server answered a call with a rate-limit error. */
  limited(writtenAt: number, now: number): Refusal {
    // One burst of refusals is one cut.
    if (writtenAt <= this.#cut.at) return 'known';
    this.#observe(true);
    if (this.#margin.acceptedSeconds >= CALM_SECONDS) {
      this.#calmMs = marginMs(this.#margin);
      this.#firstCutAt = Number.POSITIVE_INFINITY;
    }
    const isBelowRate = this.throttleRatio(writtenAt) < LOWER_PACE;
    const hasNoRoom = this.#fixedMs === null && isWidest(this.#margin);
    if ((isBelowRate && writtenAt - this.#firstCutAt > STALL_MS) || hasNoRoom) {
      this.#margin = { ...this.#margin, ms: this.#calmMs, acceptedSeconds: 0 };
      this.#tighten(now, true);
      return 'shared';
    }
    this.#margin = widenMargin(this.#margin, now);
    if (isBelowRate || this.#isBurst) {
      this.#tighten(now, false);
      return 'doubtful';
    }
    if (this.#fixedMs === null) return 'bunched';
    this.#tighten(now, false);
    return 'stray';
  }

  get #isBurst(): boolean {
    const refused = this.#recent.filter((wasRefused) => wasRefused).length;
    return refused >= this.#burst && refused * 2 >= this.#recent.length;
  }

  #observe(wasRefused: boolean): void {
    this.#recent.push(wasRefused);
    if (this.#recent.length > 2 * this.#burst) this.#recent.shift();
  }

  #tighten(now: number, isShared: boolean): void {
    this.#cut = tightenThrottle(this.#cut, now, isShared);
    this.#firstCutAt = Math.min(this.#firstCutAt, now);
    this.#recent = [];
    this.#wasLimited = true;
  }
}
