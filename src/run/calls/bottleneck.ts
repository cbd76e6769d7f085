import type { Wait } from '../../destinations/contract/timeline.ts';

/** The state of a run's calls at a moment. */
export type CallsNow = {
  /** Calls that wait for their slot, and calls that were sent and have no answer yet. */
  readonly queued: number;
  readonly underWay: number;
  /** Calls that may be under way at once. */
  readonly concurrency: number;
  /** Whether rate-limit errors slow the run at present. */
  readonly isSlowed: boolean;
  /** Whether calls wait because the API seems to be unavailable. */
  readonly isAway: boolean;
};

/** The state of a pass at a moment. */
export type PassNow = {
  /** Whether it is short of users because the destination must first store or read something. */
  readonly waitsForDestination: boolean;
  /** Users who wait before their next attempt. */
  readonly waiting: number;
};

/** The bottleneck of a run at a moment. */
export function bottleneck(calls: CallsNow, pass: PassNow): Wait {
  const { queued, underWay, concurrency, isSlowed, isAway } = calls;
  if (isAway) return 'backOff';
  // While calls wait for their slot, nothing else matters: there are enough of them.
  if (queued > 0) return isSlowed ? 'backOff' : 'quota';
  if (underWay >= concurrency) return 'latency';
  if (pass.waitsForDestination) return 'destination';
  if (underWay > 0) return 'latency';
  if (pass.waiting > 0) return 'backOff';
  // No user is left to call for: pulled users are committed, the next pass is planned, or the run is finished.
  return 'destination';
}
