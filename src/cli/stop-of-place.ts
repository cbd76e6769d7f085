import type { Place } from '../job/read-place.ts';
import { stopOnSignals } from './stop-on-signals.ts';
import type { Surroundings } from './surroundings.ts';

/** An embedded server is stopped before a signal ends the program; without one, there is nothing to bring to an end. */
export const stopOf = ({ destination }: Place, surroundings: Surroundings): AbortSignal =>
  destination.kind === 'embedded' ? stopOnSignals(surroundings) : new AbortController().signal;
