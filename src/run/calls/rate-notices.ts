import type { RateMargin, Refusal } from '../../resilience/rate-control.ts';
import { timeSpan } from '../../text/format.ts';

/** A rate-limit error, what it was taken for, and what it left. */
export type RateLimitError = {
  readonly refusal: Refusal;
  /** The share of the rate in use, and the margin, ms. */
  readonly throttleRatio: number;
  readonly marginMs: number;
  /** In ms of the monotonic clock. */
  readonly at: number;
};

// It takes several cuts in a row to get here.
const SLOWED_BELOW = 0.6;
// Each causes one notice.
const NOTED_MARGINS_MS = [16, 32, 64, 99];
// Few lines have this much jitter.
const UNUSUAL_MARGIN_MS = 64;
const LASTING_MS = 60_000;
// Without a refusal below the rate for so long, the other client has gone.
const GONE_MS = 15_000;

/** Decides which rate-limit errors are worth a notice, and words it. */
export class RateNotices {
  readonly #rate: number;
  readonly #margin: RateMargin;
  #isSlowedNoted = false;
  #isLastingNoted = false;
  /** When calls were first, and last, refused below the rate without a pause between. */
  #sharedSince = Number.NEGATIVE_INFINITY;
  #sharedAt = Number.NEGATIVE_INFINITY;
  #acceptedSince = 0;
  #noted = 0;

  constructor(rate: number, margin: RateMargin) {
    this.#rate = rate;
    this.#margin = margin;
  }

  /** A call was answered, and not with a rate-limit error. */
  accepted(): void {
    this.#acceptedSince += 1;
  }

  /** The notice that an error is worth; null for most. */
  limited(error: RateLimitError): string | null {
    return this.#slowed(error) ?? this.#lasting(error) ?? this.#widened(error);
  }

  #slowed({ throttleRatio }: RateLimitError): string | null {
    if (this.#isSlowedNoted || throttleRatio >= SLOWED_BELOW) return null;
    this.#isSlowedNoted = true;
    return (
      `rate limited by the API: now at ${Math.round(throttleRatio * 100)} % of ${this.#rate} calls/s. ` +
      'If this lasts, another client shares the quota, or the quota is lower than --rate: lower --rate'
    );
  }

  #lasting({ refusal, at }: RateLimitError): string | null {
    if (refusal !== 'shared') return null;
    if (at - this.#sharedAt > GONE_MS) {
      this.#sharedSince = at;
      this.#acceptedSince = 0;
    }
    this.#sharedAt = at;
    const ms = at - this.#sharedSince;
    if (this.#isLastingNoted || ms < LASTING_MS) return null;
    this.#isLastingNoted = true;
    const accepted = Math.round((this.#acceptedSince * 1000) / ms);
    return (
      `rate limited by the API below the rate for ${timeSpan(ms)}: ${accepted} of ${this.#rate} calls/s were accepted. ` +
      'Another client shares the quota, or the quota is lower than --rate: lower --rate'
    );
  }

  #widened({ refusal, marginMs }: RateLimitError): string | null {
    if (refusal !== 'bunched' || this.#margin !== 'auto') return null;
    const next = NOTED_MARGINS_MS[this.#noted];
    if (next === undefined || marginMs < next) return null;
    while (marginMs >= (NOTED_MARGINS_MS[this.#noted] ?? Number.POSITIVE_INFINITY)) this.#noted += 1;
    const cost = ((marginMs * 100) / (1000 + marginMs)).toFixed(1);
    return (
      `rate-limit errors although calls keep the rate: requests bunch on their way. The margin is now ${Math.round(marginMs)} ms, ` +
      `which costs ${cost} % of the quota; it narrows when errors cease` +
      (marginMs < UNUSUAL_MARGIN_MS ? '' : '. If it stays so wide, the quota may be lower than --rate')
    );
  }
}
