/** A monotonic clock with its timers. */
export type Clock = {
  /** Milliseconds since a fixed instant. */
  now(): number;
  /** Calls `run` once, after about `ms`. @returns a function that cancels the call */
  schedule(run: () => void, ms: number): () => void;
};

/** The clock of this process. */
export const SYSTEM_CLOCK: Clock = {
  now: () => performance.now(),
  schedule: (run, ms) => {
    const timer = setTimeout(run, ms);
    return () => clearTimeout(timer);
  },
};

/** Waits for `ms`, or until the signal is aborted. An abort resolves the promise, too. */
export function pause(clock: Clock, ms: number, signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve) => {
    const end = (): void => {
      cancel();
      signal.removeEventListener('abort', end);
      resolve();
    };
    const cancel = clock.schedule(end, ms);
    signal.addEventListener('abort', end, { once: true });
  });
}
