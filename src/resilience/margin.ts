/** A margin that finds itself: as wide as rate-limit errors make it, and narrower with each call that was accepted since. */
export type Margin = {
  /** Right after the last rate-limit error, ms. */
  readonly ms: number;
  /** How long calls at the whole rate have been accepted since, in seconds of that rate. */
  readonly acceptedSeconds: number;
  /** When it was widened last, in ms of the monotonic clock; -Infinity when never. */
  readonly widenedAt: number;
};

/** Between these bounds a margin finds itself, ms. */
export const MARGIN_BOUNDS_MS = { least: 4, start: 8, most: 100 } as const;

export const FIRST_MARGIN: Margin = {
  ms: MARGIN_BOUNDS_MS.start,
  acceptedSeconds: 0,
  widenedAt: Number.NEGATIVE_INFINITY,
};

// Found with the model of test/resilience/quota-model.ts. A step of 3 ms and a quarter of a millisecond a second come to rest
// where one call in some thousands is refused: less costs more in margin than it saves in calls.
const STEP_MS = 3;
// Calls that bunched are refused together: one cause, one step.
const STEP_EVERY_MS = 50;
const NARROWING_MS_A_SECOND = 0.25;
// A line that has become quiet gives its margin back within a minute: the longer nothing is refused, the faster.
const FASTER_AFTER_SECONDS = 8;

/** The margin in use, ms. */
export const marginMs = ({ ms, acceptedSeconds }: Margin): number =>
  Math.max(
    MARGIN_BOUNDS_MS.least,
    ms - NARROWING_MS_A_SECOND * (acceptedSeconds + (acceptedSeconds / FASTER_AFTER_SECONDS) ** 3),
  );

/** Whether the margin has no room for another whole step. Accepted calls in between keep it just below the bound itself. */
export const isWidest = (margin: Margin): boolean => marginMs(margin) > MARGIN_BOUNDS_MS.most - STEP_MS;

/** The same after one more call was accepted. @param seconds how much of a second of the rate it is */
export const narrowMargin = (margin: Margin, seconds: number): Margin => ({
  ...margin,
  acceptedSeconds: margin.acceptedSeconds + seconds,
});

/** The same after a call was refused at `now`. */
export function widenMargin(margin: Margin, now: number): Margin {
  const ms = marginMs(margin);
  if (now - margin.widenedAt < STEP_EVERY_MS) return { ...margin, ms, acceptedSeconds: 0 };
  return { ms: Math.min(MARGIN_BOUNDS_MS.most, ms + STEP_MS), acceptedSeconds: 0, widenedAt: now };
}
