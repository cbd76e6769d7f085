import type { Job } from '../config/model/job.ts';
import { AbortedByStop } from '../destinations/contract/destination-error.ts';
import { type OpenedDestination, openDestination } from '../destinations/open/open-destination.ts';
import { proxyOptions } from './calls/api-client.ts';
import { deadline } from './events/deadline.ts';
import type { RunEvents } from './events/run-events.ts';
import { idCodec } from './ids/id-codec.ts';
import { openRun } from './plan/open-run.ts';
import { readUsers } from './plan/read-users.ts';
import { type Pulled, pullRun } from './pull/pull-run.ts';

/** How a run ended, or why it stopped before its end. */
export type RunOutcome = Pulled & {
  /** As people wrote it, without secrets. */
  readonly destination: string;
};

export type RunOptions = {
  readonly events?: RunEvents;
  /** Stops the run cleanly; its reason is noted. */
  readonly stop?: AbortSignal;
};

/**
 * One run of a job: the list is read and checked, the plan made durable, each user pulled under the quota, each chunk
 * committed with the ledger, and the run closed.
 * @throws UserListError, RunRefused and InvalidDestination before anything is called or written; DestinationLocked;
 * ApiUnusable, GuardTripped, DestinationError and LockLost when it cannot go on, after which it can be resumed; the reason of `stop`
 * or `OUT_OF_TIME` when it is to end before the run is opened; NothingToMend when nobody failed whom it should pull again
 */
export async function exportRun(job: Job, { events = {}, stop }: RunOptions = {}): Promise<RunOutcome> {
  // Refuses here what would otherwise be refused only once the run is open.
  proxyOptions(job);
  const { signal, clear } = deadline(stop ?? new AbortController().signal, job.run.maxDurationMs);
  try {
    return await exportUntil(signal, job, events);
  } finally {
    clear();
  }
}

async function exportUntil(signal: AbortSignal, job: Job, events: RunEvents): Promise<RunOutcome> {
  const names = idCodec(job.rows.pseudonymize);
  const list = await readUsers(job, names, signal, events);
  let opened: OpenedDestination | null = null;
  try {
    signal.throwIfAborted();
    opened = await orStopped(
      openDestination(job, signal, {
        onOutage: (outage) => events.onOutage?.('destination', outage),
        onNotice: (message) => events.onNotice?.(message),
      }),
      signal,
    );
    const { destination } = opened;
    signal.throwIfAborted();
    const suppressed = await orStopped(destination.suppressed(), signal);
    const about = { names, suppressed };
    const { run, decision, notBefore } = await orStopped(
      openRun(job, about, list, destination, events, signal),
      signal,
    );
    // The plan is durable: the list is needed no more.
    list.users.close();
    const { name } = destination;
    const exportedUser = await orStopped(destination.someExportedUser(), signal);
    // Nobody can be called by a pseudonym.
    const canaryUserId = names.keyFingerprint === null ? exportedUser : null;
    const pulled = await pullRun(job, run, {
      decision,
      destination: name,
      ...about,
      canaryUserId,
      holdsUsers: exportedUser !== null,
      notBefore,
      events,
      stop: signal,
    });
    return { ...pulled, destination: name };
  } finally {
    list.users.close();
    await opened?.close().catch((error) => {
      // What has been decided by now, a result or an error, must not be hidden by a farewell that failed.
      events.onNotice?.(
        `closing ${opened?.destination.name} failed: ${error instanceof Error ? error.message : error}`,
      );
    });
  }
}

/** Before anything is called, it is the stop that ends a start, and not what it waited for meanwhile. */
async function orStopped<T>(work: Promise<T>, stop: AbortSignal): Promise<T> {
  try {
    return await work;
  } catch (error) {
    throw error instanceof AbortedByStop ? stop.reason : error;
  }
}
