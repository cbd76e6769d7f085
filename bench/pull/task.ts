import type { PagesOptions } from './pages.ts';

export type PullInput = {
  readonly origin: string;
  readonly pages: PagesOptions;
  readonly connections: number;
  /** How many times each user is pulled while the watch runs. */
  readonly times: number;
};

export type PullOutput = {
  readonly seconds: number;
  readonly cpuSeconds: number;
  readonly pages: number;
  readonly items: number;
};

/** How many times each user is pulled before: a run takes hours, with code that has long been compiled. */
export const WARM_UP_TIMES = 2;
