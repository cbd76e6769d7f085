/** The reason of the signal when `--max-duration` has passed, and the reason in the run's record. */
export const OUT_OF_TIME = 'max_duration';

/**
 * A signal that aborts with another signal, or when the time is up. `clear` removes the timer, so that the process can end
 * earlier.
 */
export function deadline(
  stop: AbortSignal,
  ms: number | null,
): { readonly signal: AbortSignal; readonly clear: () => void } {
  if (ms === null) return { signal: stop, clear: () => {} };
  const timeIsUp = new AbortController();
  // Timers use the monotonic clock, so a change of the system clock has no effect. A wait longer than a timer allows is split.
  let timer: NodeJS.Timeout;
  const wait = (left: number): void => {
    const piece = Math.min(left, LONGEST_TIMER_MS);
    timer = setTimeout(() => (left > piece ? wait(left - piece) : timeIsUp.abort(OUT_OF_TIME)), piece);
  };
  wait(ms);
  return { signal: AbortSignal.any([stop, timeIsUp.signal]), clear: () => clearTimeout(timer) };
}

// setTimeout takes at most 2^31 - 1 ms.
const LONGEST_TIMER_MS = 2 ** 31 - 1;
