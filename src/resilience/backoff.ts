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

/**
 * How long all waits between so many attempts take for most callers, ms: the mean, and a standard deviation more. Several
 * callers retry at once, and the last of them counts.
 */
export function typicalRetryMs(attempts: number, options: BackoffOptions = DEFAULT_BACKOFF): number {
  const longest = Array.from({ length: attempts - 1 }, (_, n) => backoffMs(n + 1, 1, options));
  const mean = longest.reduce((sum, ms) => sum + ms / 2, 0);
  // Of a uniform distribution.
  const variance = longest.reduce((sum, ms) => sum + ms ** 2 / 12, 0);
  return mean + Math.sqrt(variance);
}
