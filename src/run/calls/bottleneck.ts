import type { Wait } from '../../destinations/contract/timeline.ts';

/** What is to be seen of a run's calls at a moment. */
export type CallsNow = {
  /** Calls that wait for their slot of the quota, and those that were sent and have no answer yet. */
  readonly queued: number;
  readonly underWay: number;
  /** Calls that may be under way at once. */
  readonly concurrency: number;
  /** Whether rate-limit errors have slowed the run just now. */
  readonly isSlowed: boolean;
  /** Whether calls are held back because the API seems to be away. */
  readonly isAway: boolean;
};

/** What is to be seen of a pass at a moment. */
export type PassNow = {
  /** Whether it is short of users because the destination has to take or to give something first. */
  readonly waitsForDestination: boolean;
  /** Users who wait before they try again. */
  readonly waiting: number;
};

/** What keeps a run from going faster at a moment. */
export function bottleneck(calls: CallsNow, pass: PassNow): Wait {
  const { queued, underWay, concurrency, isSlowed, isAway } = calls;
  if (isAway) return 'backOff';
  // As long as calls wait for their turn, nothing else matters: there are enough of them.
  if (queued > 0) return isSlowed ? 'backOff' : 'quota';
  if (underWay >= concurrency) return 'latency';
  if (pass.waitsForDestination) return 'destination';
  if (underWay > 0) return 'latency';
  if (pass.waiting > 0) return 'backOff';
  // Nobody is left to call for: what was pulled is committed, the next pass planned, the run finished.
  return 'destination';
}
