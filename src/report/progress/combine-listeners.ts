import type { RunEvents } from '../../run/events/run-events.ts';

/** Calls several listeners for each event, in this order. */
export const combineListeners = (listeners: readonly RunEvents[]): RunEvents => ({
  onOpened: (opened) => {
    for (const listener of listeners) listener.onOpened?.(opened);
  },
  onCommitted: (chunk) => {
    for (const listener of listeners) listener.onCommitted?.(chunk);
  },
  onUnexported: (user, explanation) => {
    for (const listener of listeners) listener.onUnexported?.(user, explanation);
  },
  onRetry: (retry) => {
    for (const listener of listeners) listener.onRetry?.(retry);
  },
  onOutage: (what, outage) => {
    for (const listener of listeners) listener.onOutage?.(what, outage);
  },
  onLockWait: (wait) => {
    for (const listener of listeners) listener.onLockWait?.(wait);
  },
  onNotice: (message) => {
    for (const listener of listeners) listener.onNotice?.(message);
  },
  onWorker: (news) => {
    for (const listener of listeners) listener.onWorker?.(news);
  },
  onElsewhere: (run) => {
    for (const listener of listeners) listener.onElsewhere?.(run);
  },
});
