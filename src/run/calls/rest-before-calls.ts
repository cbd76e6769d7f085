/**
 * How long to wait before the first call, ms, since the calls of an attempt that has just ended still count against the rate.
 * @param agoMs how long ago the last attempt may have called, according to the destination
 * @param windowMs how long a call counts
 */
export function restBeforeCallsMs(agoMs: number | null, windowMs: number): number {
  if (agoMs === null) return 0;
  // A clock that was set back proves nothing. The wait is never longer than a call counts.
  return agoMs < 0 ? windowMs : Math.max(0, windowMs - agoMs);
}
