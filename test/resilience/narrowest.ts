/** The shortest time between a write and the `rate`-th one after it. */
export function narrowest(writes: readonly number[], rate: number): number {
  const times = [...writes].sort((a, b) => a - b);
  return Math.min(...times.slice(rate).map((time, n) => time - (times[n] ?? 0)));
}
