/** Why a run stopped whose time was up: the reason of its signal, and what its record says. */
export const OUT_OF_TIME = 'max_duration';

/** A signal that aborts with another one, or when the time is up. `clear` lets the process end before that. */
export function deadline(
  stop: AbortSignal,
  ms: number | null,
): { readonly signal: AbortSignal; readonly clear: () => void } {
  if (ms === null) return { signal: stop, clear: () => {} };
  const timeIsUp = new AbortController();
  // The clock may be set meanwhile: a timer counts on the monotonic one. A longer wait than it can hold is cut in pieces.
  let timer: NodeJS.Timeout;
  const wait = (left: number): void => {
    const piece = Math.min(left, LONGEST_TIMER_MS);
    timer = setTimeout(() => (left > piece ? wait(left - piece) : timeIsUp.abort(OUT_OF_TIME)), piece);
  };
  wait(ms);
  return { signal: AbortSignal.any([stop, timeIsUp.signal]), clear: () => clearTimeout(timer) };
}

// setTimeout takes no more than 2^31 - 1 ms.
const LONGEST_TIMER_MS = 2 ** 31 - 1;
