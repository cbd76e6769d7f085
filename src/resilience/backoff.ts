export type BackoffOptions = {
  /** The longest wait after the first failure, ms. */
  readonly baseMs: number;
  /** The longest wait of all, ms. */
  readonly capMs: number;
};

export const DEFAULT_BACKOFF: BackoffOptions = { baseMs: 400, capMs: 20_000 };

/**
 * How long to wait after the n-th failure (from 1). Full jitter: a random time from 0 to a bound that doubles with each failure.
 * Jitter over the whole range spreads callers that failed together best (AWS Architecture Blog, "Exponential Backoff And
 * Jitter").
 * @param random 0 to 1, exclusive
 */
export const backoffMs = (failures: number, random: number, { baseMs, capMs }: BackoffOptions): number =>
  random * Math.min(capMs, baseMs * 2 ** (failures - 1));
