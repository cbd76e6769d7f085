import type { RunRecord } from '../../destinations/contract/destination.ts';

/**
 * How long to wait before the first call, ms, so that the calls of an attempt which has just ended still count against the rate.
 * @param last the run that it belonged to; null when there was none
 * @param nowMs unix ms, with the lock held: whoever made those calls has ended
 * @param windowMs how long a call counts
 */
export function restBeforeCallsMs(last: RunRecord | null, nowMs: number, windowMs: number): number {
  if (last === null) return 0;
  // Killed, or stopped: nothing says when its last call was.
  if (last.finishedAt === null) return windowMs;
  const sinceMs = nowMs - Date.parse(last.finishedAt);
  // A clock that was set back tells nothing.
  return sinceMs < 0 ? windowMs : Math.max(0, windowMs - sinceMs);
}
