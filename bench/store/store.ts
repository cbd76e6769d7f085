import { runContender } from '../support/contender.ts';
import type { StoreInput, StoreOutput } from './task.ts';

/** Stores a night's rows in a process of its own. */
export const storeNight = (input: StoreInput, profiles: string | null): Promise<StoreOutput> =>
  runContender<StoreInput, StoreOutput>(new URL('store-night.ts', import.meta.url), input, { profiles });
