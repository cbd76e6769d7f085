export type BackoffOptions = {
  /** The most that is waited after the first failure, ms. */
  readonly baseMs: number;
  /** The most that is ever waited, ms. */
  readonly capMs: number;
};

export const DEFAULT_BACKOFF: BackoffOptions = { baseMs: 400, capMs: 20_000 };

/**
 * How long to wait after the n-th failure (from 1), with full jitter: anything from nothing to a bound that doubles.
 * Jitter over the whole range spreads a crowd that failed together best (AWS Architecture Blog, "Exponential Backoff
 * And Jitter").
 * @param random 0 to 1, exclusive
 */
export const backoffMs = (failures: number, random: number, { baseMs, capMs }: BackoffOptions): number =>
  random * Math.min(capMs, baseMs * 2 ** (failures - 1));
