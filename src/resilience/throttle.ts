/** The share of the rate in use after rate-limit errors: cut by a factor, recovered slowly at first and then faster. */
export type Throttle = {
  /** The share of the rate right after the last cut, 0 to 1. */
  readonly factor: number;
  /** When that was, in ms of the monotonic clock; -Infinity when never. */
  readonly at: number;
  /** How long the whole rate takes to come back, ms. */
  readonly recoveryMs: number;
};

export const NOT_THROTTLED: Throttle = { factor: 1, at: Number.NEGATIVE_INFINITY, recoveryMs: 0 };

const CUT_TO = 0.9;
// Below this, the run would look frozen. The calls that are still refused at a twentieth are no burden.
const LEAST_FACTOR = 0.05;
// A tenth of the rate comes back each second on average: from the deepest cut to full speed in ten seconds.
const RECOVERY_MS = 10_000;
// Where another client uses the quota, a shallow cut would be over in a second, and so would find the same limit again each
// second, with a dozen refused calls each time.
const SHARED_RECOVERY_MS = 4_000;

/**
 * The share of the rate that may be used at `now`. It grows with the square of the time since the cut: it stays near the
 * share that was found to work, and is whole again as soon as if it grew evenly.
 */
export function throttleRatio({ factor, at, recoveryMs }: Throttle, now: number): number {
  const elapsed = now - at;
  return elapsed < recoveryMs ? factor + (1 - factor) * (Math.max(0, elapsed) / recoveryMs) ** 2 : 1;
}

/** The throttle that begins at `now` with a share of the rate. */
const throttleTo = (factor: number, now: number): Throttle => ({
  factor,
  at: now,
  recoveryMs: (1 - factor) * RECOVERY_MS,
});

// The first calls meet cold code and new connections, on both sides. They arrive later than calls a second after them, which then
// follow too closely. From here the rate recovers as after a rate-limit error.
const FACTOR_AT_START = 0.8;

/** The throttle of the first calls, from `now` on. */
export const throttleAtStart = (now: number): Throttle => throttleTo(FACTOR_AT_START, now);

/**
 * One more cut at `now`: multiplicative, so that several consumers of one quota come to share it.
 * @param isShared whether another client is known to use the quota
 */
export function tightenThrottle(cut: Throttle, now: number, isShared: boolean): Throttle {
  const next = throttleTo(Math.max(LEAST_FACTOR, throttleRatio(cut, now) * CUT_TO), now);
  return isShared ? { ...next, recoveryMs: Math.max(next.recoveryMs, SHARED_RECOVERY_MS) } : next;
}
