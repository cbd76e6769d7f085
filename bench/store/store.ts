import { runContender } from '../support/contender.ts';
import type { StoreInput, StoreOutput } from './task.ts';

/** Stores a day's rows in a process of its own. */
export const storeRun = (input: StoreInput, profiles: string | null): Promise<StoreOutput> =>
  runContender<StoreInput, StoreOutput>(new URL('store-run.ts', import.meta.url), input, { profiles });
