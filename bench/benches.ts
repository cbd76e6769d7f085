import type { Bench } from './bench.ts';
import { pull } from './pull/pull.ts';

/** Every bench, in the order in which they run and are shown. */
export const benches: readonly Bench[] = [pull];
