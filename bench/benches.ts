import type { Bench } from './bench.ts';
import { rivals } from './comparisons/bench.ts';
import { csv } from './csv/csv.ts';
import { indexes } from './indexes/indexes.ts';
import { load } from './load/load.ts';
import { pull } from './pull/pull.ts';
import { queue } from './queue/queue.ts';
import { jitter } from './rate/jitter.ts';
import { jitterChange } from './rate/jitter-change.ts';
import { rate, rates } from './rate/rate.ts';
import { sharedRate } from './rate/shared-rate.ts';
import { reruns } from './reruns/reruns.ts';
import { scale } from './scale/scale.ts';
import { start } from './start/start.ts';

/** Every bench, in the order in which they run and are shown. */
export const benches: readonly Bench[] = [
  rate,
  rates,
  jitter,
  jitterChange,
  sharedRate,
  pull,
  load,
  reruns,
  csv,
  scale,
  start,
  queue,
  indexes,
  rivals,
];
