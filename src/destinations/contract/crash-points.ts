import { channel } from 'node:diagnostics_channel';

/** Moments between the durable steps of a run, in order. All steps before a moment must survive a kill at it. */
export const crashPoints = [
  'plan-written',
  'plan-placed',
  'start-counted',
  'chunk-begun',
  'chunk-rows-written',
  'chunk-ledger-written',
  'chunk-committed',
  'second-pass-begun',
  'second-pass-planned',
  'finish-begun',
  'table-made',
  'finish-written',
  'file-placed',
  'finished',
  'tidied-up',
] as const;

/**
 * Moments between the durable steps of an erasure in files, in order. While the files are put in place, moments of a run come,
 * too, from `table-made` on.
 */
export const erasureSteps = [
  'erasure-noted',
  'unfinished-run-removed',
  'table-rewritten',
  'rewrite-written',
  'rewrite-placed',
] as const;

export type CrashPoint = (typeof crashPoints)[number] | (typeof erasureSteps)[number];

/** Each message is `{ step }`. */
export const CRASH_POINT_CHANNEL = 'chat-export:step';

const passed = channel(CRASH_POINT_CHANNEL);

/** Publishes that a run has reached a crash point. Only tests listen, and kill the process there. */
export function reachCrashPoint(step: CrashPoint): void {
  if (passed.hasSubscribers) passed.publish({ step });
}
