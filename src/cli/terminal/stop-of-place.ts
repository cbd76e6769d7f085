import type { Place } from '../../config/read-place.ts';
import type { Surroundings } from '../command/surroundings.ts';
import { stopOnSignals } from './stop-on-signals.ts';

/** An embedded server is stopped before a signal ends the program; without one, there is nothing to bring to an end. */
export function stopOf({ destination }: Place, surroundings: Surroundings): AbortSignal {
  if (destination.kind === 'embedded') return stopOnSignals(surroundings);
  const { onSignal, obey } = surroundings;
  // As the first process of a container, the program would not be ended by a signal that it does not listen to.
  for (const signal of ['SIGINT', 'SIGTERM'] as const) onSignal(signal, () => obey(signal));
  return new AbortController().signal;
}
