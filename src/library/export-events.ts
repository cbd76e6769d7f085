import type { WorkerNews } from '../destinations/contract/sharing.ts';
import type { Decision, Progress, RunEvents } from '../run/events/run-events.ts';
import { outageEvent, type PullListeners } from './pull-listeners.ts';
import { safeListener, safeWarningListener } from './safe-listener.ts';
import { type FailedUser, type UserNotInApp, unexportedUser } from './unexported-user.ts';

/** The run is open: its plan is durable, and the first call comes next. */
export interface OpenedRun {
  readonly runId: number;
  /** Whether the run resumes, starts or is joined, and why. */
  readonly decision: Decision;
  /** As it was given, without secrets. */
  readonly destination: string;
  /** Users of the plan, and those that earlier attempts have processed. */
  readonly users: number;
  readonly usersDone: number;
}

/**
 * Listeners for the events of a run, in their order, under the rules of `PullListeners`.
 */
export interface ExportListeners extends PullListeners {
  readonly onOpened?: ((run: OpenedRun) => void) | undefined;
  /** After each chunk that was committed. */
  readonly onProgress?: ((progress: Progress) => void) | undefined;
  /** A user whom this run does not export; called when that is committed. */
  readonly onUnexported?: ((user: UserNotInApp | FailedUser) => void) | undefined;
  /** With `share`: what another process that pulls the run does. */
  readonly onWorker?: ((news: WorkerNews) => void) | undefined;
}

/** A decision without its consequences for the destination. */
export const publicDecision = ({ kind, why }: Decision): Decision => ({ kind, why });

/** The events of a run, passed to the caller's listeners. */
export function eventsFor(listeners: ExportListeners): RunEvents & { onNotice: (message: string) => void } {
  const onNotice = safeWarningListener(listeners.onWarning);
  const onOpened = safeListener('onOpened', listeners.onOpened, onNotice);
  const onProgress = safeListener('onProgress', listeners.onProgress, onNotice);
  const onRetry = safeListener('onRetry', listeners.onRetry, onNotice);
  const onUnexported = safeListener('onUnexported', listeners.onUnexported, onNotice);
  const onWorker = safeListener('onWorker', listeners.onWorker, onNotice);
  const onOutage = safeListener('onOutage', listeners.onOutage, onNotice);
  let progress: (() => Progress) | null = null;
  return {
    onNotice,
    onOpened: ({ record, decision, destination, usersDone, progress: now }) => {
      progress = now;
      const { runId, list } = record;
      onOpened?.({ runId, decision: publicDecision(decision), destination, users: list.users, usersDone });
    },
    onCommitted: () => {
      if (progress !== null) onProgress?.(progress());
    },
    onLockWait: (wait) => {
      if (wait !== null)
        onNotice(`another run is at work in the destination: ${wait.holder}; waitForLock applies`);
    },
    onUnexported: (row) => onUnexported?.(unexportedUser(row)),
    onWorker: (news) => onWorker?.(news),
    onOutage: (of, outage) => onOutage?.(outageEvent(of, outage)),
    ...(onRetry === undefined ? {} : { onRetry }),
  };
}
