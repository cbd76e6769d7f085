/** The share of the rate in use after rate-limit errors: additive increase, multiplicative decrease (AIMD). */
export type Throttle = {
  /** The share of the rate right after the last cut, 0 to 1. */
  readonly factor: number;
  /** When that was, in ms of the monotonic clock; -Infinity when never. */
  readonly at: number;
};

export const NOT_THROTTLED: Throttle = { factor: 1, at: Number.NEGATIVE_INFINITY };

const CUT_TO = 0.9;
// Below this, the run would look frozen. The calls that are still refused at a twentieth are no burden.
const LEAST_FACTOR = 0.05;
// A tenth of the rate comes back each second: from the deepest cut to full speed in ten seconds.
const RECOVERY_PER_MS = 0.1 / 1000;

/** The share of the rate that may be used at `now`. */
export const throttleRatio = (cut: Throttle, now: number): number =>
  Math.min(1, cut.factor + (now - cut.at) * RECOVERY_PER_MS);

/** One more cut at `now`. It is multiplicative, so that several consumers of one quota come to share it. */
export const tightenThrottle = (cut: Throttle, now: number): Throttle => ({
  factor: Math.max(LEAST_FACTOR, throttleRatio(cut, now) * CUT_TO),
  at: now,
});
