import type { Job } from '../config/model/job.ts';
import type { Destination, DestinationEvents } from '../destinations/contract/destination.ts';
import { AbortedByStop } from '../destinations/contract/destination-error.ts';
import { unfinishedErasures } from '../destinations/contract/suppressed-users.ts';
import { openDestination } from '../destinations/open/open-destination.ts';
import { proxyOptions } from './calls/api-client.ts';
import { deadline } from './events/deadline.ts';
import type { RunEvents } from './events/run-events.ts';
import { type IdCodec, idCodec } from './ids/id-codec.ts';
import { openRun } from './plan/open-run.ts';
import { type ReadUsers, readUsers } from './plan/read-users.ts';
import { type Pulled, pullRun } from './pull/pull-run.ts';

/** How a run ended, or why it stopped before its end. */
export type RunOutcome = Pulled & {
  /** As written in the job, without secrets. */
  readonly destination: string;
};

export type RunOptions = {
  readonly events?: RunEvents;
  /** Stops the run cleanly; its reason is recorded. */
  readonly stop?: AbortSignal;
};

/**
 * One run of a job: reads and checks the list, makes the plan durable, pulls each user under the quota, commits each chunk with
 * the ledger, and closes the run.
 * @throws UserListError, RunRefused and InvalidDestination before anything is called or written; DestinationLocked; ApiUnusable,
 * GuardTripped, DestinationError and LockLost when it must end early, after which it can be resumed; the reason of `stop` or
 * `OUT_OF_TIME` when it is stopped before the run is opened; NothingToRetry when there is no failed user to pull again
 */
export async function exportRun(job: Job, { events = {}, stop }: RunOptions = {}): Promise<RunOutcome> {
  // Refused here, before the run is opened.
  proxyOptions(job);
  const { signal, clear } = deadline(stop ?? new AbortController().signal, job.run.maxDurationMs);
  try {
    return await exportUntil(signal, job, events);
  } finally {
    clear();
  }
}

async function exportUntil(stop: AbortSignal, job: Job, events: RunEvents): Promise<RunOutcome> {
  const names = idCodec(job.rows.pseudonymize);
  const list = await readUsers(job, names, stop, events);
  try {
    stop.throwIfAborted();
    const destination = await orStopped(openDestination(job, stop, destinationEvents(events)), stop);
    try {
      return await exportTo(destination, list, job, { names, events, stop });
    } finally {
      await destination.close().catch((error) => {
        // This must not hide the result or the error that exists by now.
        const said = error instanceof Error ? error.message : error;
        events.onNotice?.(`closing ${destination.name} failed: ${said}`);
      });
    }
  } finally {
    list.users.close();
  }
}

async function exportTo(
  destination: Destination,
  list: ReadUsers,
  job: Job,
  context: { readonly names: IdCodec; readonly events: RunEvents; readonly stop: AbortSignal },
): Promise<RunOutcome> {
  const { stop } = context;
  const { name } = destination;
  stop.throwIfAborted();
  const suppressed = await orStopped(destination.suppressed(), stop);
  for (const { message, hint } of unfinishedErasures(name, suppressed))
    context.events.onNotice?.(`${message}; ${hint}`);
  const opened = await orStopped(openRun(job, list, { ...context, destination, suppressed }), stop);
  // The plan is durable: the list is no longer needed.
  list.users.close();
  return {
    ...(await pullRun(job, opened, { ...context, destination: name, suppressed })),
    destination: name,
  };
}

const destinationEvents = (events: RunEvents): DestinationEvents => ({
  onOutage: (outage) => events.onOutage?.('destination', outage),
  onNotice: (message) => events.onNotice?.(message),
});

/** Before the first call, an attempt that is asked to stop ends with the reason of the stop. */
async function orStopped<T>(work: Promise<T>, stop: AbortSignal): Promise<T> {
  try {
    return await work;
  } catch (error) {
    throw error instanceof AbortedByStop ? stop.reason : error;
  }
}
