import { channel } from 'node:diagnostics_channel';

/**
 * Moments between the durable steps of a run, in the order in which it comes by them. What is done before each must hold
 * when the process ends there.
 */
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
 * Moments between the durable steps by which a user is removed from files, in their order. While the files are put in place it
 * also comes by steps of a run, from `table-made` on.
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

/** Tells whoever listens that a run comes by a step; nobody does but a test that ends the process there. */
export function reachCrashPoint(step: CrashPoint): void {
  if (passed.hasSubscribers) passed.publish({ step });
}
