/**
 * The smallest upper bound that at least this share of the values does not pass. Infinity beyond the last bound, null without
 * values.
 * @param counts one for each bound, and one more for the values beyond the last
 * @param share 0 to 1
 */
export function percentile(
  bounds: readonly number[],
  counts: readonly number[],
  share: number,
): number | null {
  const all = counts.reduce((sum, count) => sum + count, 0);
  if (all === 0) return null;
  const wanted = Math.max(1, Math.ceil(all * share));
  let passed = 0;
  const place = counts.findIndex((count) => {
    passed += count;
    return passed >= wanted;
  });
  return bounds[place] ?? Number.POSITIVE_INFINITY;
}
