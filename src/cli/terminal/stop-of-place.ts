import type { DestinationRef } from '../../config/read-destination-ref.ts';
import { destinationKind } from '../../destinations/open/kinds.ts';
import type { ProcessContext } from '../command/process-context.ts';
import { stopOnSignals } from './stop-on-signals.ts';

/** A server that was started for a destination is stopped before a signal ends the program. Without one, no clean end is needed. */
export function stopSignal({ destination }: DestinationRef, surroundings: ProcessContext): AbortSignal {
  if (destinationKind(destination).startsServer) return stopOnSignals(surroundings);
  const { onSignal, reraise } = surroundings;
  // As the first process of a container, the program ignores signals without a listener.
  for (const signal of ['SIGINT', 'SIGTERM'] as const) onSignal(signal, () => reraise(signal));
  return new AbortController().signal;
}
