import { exitCodes } from './exit-codes.ts';
import type { Surroundings } from './surroundings.ts';

type Signal = 'SIGINT' | 'SIGTERM';

export type StopOptions = {
  /** Whether there is something to bring to an end in an orderly way. */
  readonly hasWork: () => boolean;
  /** Told at the first signal. */
  readonly onStop?: (signal: Signal) => void;
};

// Without work there is nothing to bring to an end, and what is being read may never come.
const PATIENCE_MS = 2_000;

/** Aborts at the first SIGINT or SIGTERM, with its name as the reason; a second one ends the process at once. */
export function stopOnSignals(
  { onSignal, endNow, obey }: Surroundings,
  { hasWork, onStop }: StopOptions,
): AbortSignal {
  const stop = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    onSignal(signal, () => {
      if (stop.signal.aborted) {
        if (hasWork()) endNow(exitCodes[signal]);
        else obey(signal);
        return;
      }
      stop.abort(signal);
      onStop?.(signal);
      if (hasWork()) return;
      setTimeout(() => {
        // An orderly exit would wait for a read that may never return, such as that of a pipe nobody writes to.
        if (!hasWork()) obey(signal);
      }, PATIENCE_MS).unref();
    });
  }
  return stop.signal;
}

/** The exit code of a process that a signal stopped. */
export const exitCodeOfSignal = (stop: AbortSignal): number =>
  stop.reason === 'SIGINT' ? exitCodes.SIGINT : exitCodes.SIGTERM;
