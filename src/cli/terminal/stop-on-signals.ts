import { holdsServer } from '../../destinations/held-servers.ts';
import { exitCodes } from '../../errors/exit-codes.ts';
import type { ProcessContext } from '../command/process-context.ts';

type Signal = 'SIGINT' | 'SIGTERM';

export type StopOptions = {
  /** Whether there is work that needs a clean end, however long that takes. */
  readonly hasWork?: () => boolean;
  /** Whether there is something with a short clean end. An embedded server is known without this. */
  readonly endsSoon?: () => boolean;
  /** Called at the first signal. */
  readonly onStop?: (signal: Signal) => void;
};

// Without work, no clean end is needed, and a pending read may never end.
const PATIENCE_MS = 2_000;
// For a query that is cancelled at its server, and a server that is stopped.
const FAREWELL_MS = 10_000;

const no = (): boolean => false;

/** Aborts at the first SIGINT or SIGTERM, with its name as the reason. A second one ends the process at once. */
export function stopOnSignals(
  { onSignal, endNow, reraise }: Pick<ProcessContext, 'onSignal' | 'endNow' | 'reraise'>,
  { hasWork = no, endsSoon = no, onStop }: StopOptions = {},
): AbortSignal {
  const stop = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    onSignal(signal, () => {
      if (stop.signal.aborted) {
        if (hasWork()) endNow(exitCodes[signal]);
        else reraise(signal);
        return;
      }
      stop.abort(signal);
      onStop?.(signal);
      if (hasWork()) return;
      // A clean exit would wait for a read that may never return, such as that of a pipe without a writer.
      const obeyAfter = (ms: number, isBusy: () => boolean): void => {
        setTimeout(() => {
          if (!hasWork() && !isBusy()) reraise(signal);
        }, ms).unref();
      };
      obeyAfter(PATIENCE_MS, () => endsSoon() || holdsServer());
      obeyAfter(FAREWELL_MS, no);
    });
  }
  return stop.signal;
}

/** The exit code of a process that a signal stopped. */
export const exitCodeOfSignal = (stop: AbortSignal): number =>
  stop.reason === 'SIGINT' ? exitCodes.SIGINT : exitCodes.SIGTERM;
