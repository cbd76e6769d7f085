import type { Job } from '../config/model/job.ts';
import type { Destination, DestinationEvents } from '../destinations/contract/destination.ts';
import { AbortedByStop } from '../destinations/contract/destination-error.ts';
import type { LockWait } from '../destinations/contract/lock-wait.ts';
import { unfinishedErasures } from '../destinations/contract/suppressed-users.ts';
import { openDestination } from '../destinations/open/open-destination.ts';
import { proxyOptions } from './calls/api-client.ts';
import { EndedByWorker, GuardTripped, RunRefused } from './errors/run-errors.ts';
import { deadline } from './events/deadline.ts';
import type { RunEvents } from './events/run-events.ts';
import { type IdCodec, idCodec } from './ids/id-codec.ts';
import { afterLockWait } from './plan/after-lock-wait.ts';
import { joinRun, type OpenRunOptions, openRun, type RunToPull, requireSameJob } from './plan/open-run.ts';
import { refuseToPruneOthers } from './plan/prune-others.ts';
import { isReadableAgain, type ReadUsers, readUsers } from './plan/read-users.ts';
import { refuseBeforeWait } from './plan/refuse-before-wait.ts';
import { finishedElsewhere, type Pulled, pullRun } from './pull/pull-run.ts';

/** How a run ended, or why it stopped before its end. */
export type RunOutcome = Pulled & {
  /** As written in the job, without secrets. */
  readonly destination: string;
  /** Whether another attempt finished the run while this one waited for the lock, so that this one called nothing. */
  readonly byAnother?: boolean;
};

export type RunOptions = {
  readonly events?: RunEvents;
  /** Stops the run cleanly; its reason is recorded. */
  readonly stop?: AbortSignal;
};

/**
 * One run of a job: reads and checks the list, makes the plan durable, pulls each user under the quota, commits each chunk with
 * the ledger, and closes the run. An attempt that had to wait for the lock reads the list again, and does nothing if another
 * attempt has finished the run.
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

type RunContext = { readonly names: IdCodec; readonly events: RunEvents; readonly stop: AbortSignal };

async function exportUntil(stop: AbortSignal, job: Job, events: RunEvents): Promise<RunOutcome> {
  const names = idCodec(job.rows.pseudonymize);
  if (job.run.share) return await share(job, { names, events, stop });
  // A wrong list is refused before the wait for a lock.
  let list = await readUsers(job, names, stop, events);
  try {
    stop.throwIfAborted();
    const isReadAgain = await isReadableAgain(job);
    let isWaitShown = false;
    const lockWait = lockWaitFor(job, names, events, () => {
      isWaitShown = true;
      if (isReadAgain) list.users.close();
    });
    const destination = await orStopped(
      openDestination(job, stop, destinationEvents(events), lockWait),
      stop,
    );
    try {
      const finished = await finishedByAnother(destination, job, stop);
      if (finished !== null) return finished;
      if (isWaitShown) events.onLockWait?.(null);
      if (destination.beforeLock?.waitedMs != null && isReadAgain) {
        list.users.close();
        list = await readUsers(job, names, stop, events);
      }
      const read = list;
      return await exportTo(destination, job, { names, events, stop }, (options) => plan(job, read, options));
    } finally {
      await close(destination, events);
    }
  } finally {
    list.users.close();
  }
}

/** Joins the processes that pull the job's run, or plans one for them. Only the process that plans reads the list. */
async function share(job: Job, context: RunContext): Promise<RunOutcome> {
  const { names, events, stop } = context;
  const destination = await orStopped(openDestination(job, stop, destinationEvents(events), null), stop);
  try {
    const { name, sharing } = destination;
    if (sharing === null) throw new RunRefused(`--share: ${name} cannot be shared by several processes`);
    // Also for a process that joins: whichever process ends the run may prune.
    await orStopped(refuseToPruneOthers(destination, job), stop);
    const entry = await orStopped(
      sharing.enter(job.name, { isFresh: job.run.fresh, mayJoin: (run) => requireSameJob(run, job, names) }),
      stop,
    );
    if (entry.kind === 'halted' || entry.kind === 'finished') events.onElsewhere?.('ended');
    if (entry.kind === 'halted') throw new EndedByWorker(entry.halt);
    if (entry.kind === 'finished') return { ...finishedElsewhere(entry.record), destination: name };
    if (entry.kind === 'join')
      return await exportTo(destination, job, context, (options) => joinRun(entry.run, options));
    const list = await readUsers(job, names, stop, events);
    try {
      return await exportTo(destination, job, context, async (options) => {
        const opened = await plan(job, list, options);
        await entry.done();
        return opened;
      });
    } finally {
      list.users.close();
    }
  } finally {
    await close(destination, events);
  }
}

async function plan(job: Job, list: ReadUsers, options: OpenRunOptions): Promise<RunToPull> {
  const opened = await openRun(job, list, options);
  // The plan is durable: the list is no longer needed.
  list.users.close();
  return opened;
}

async function close(destination: Destination, events: RunEvents): Promise<void> {
  await destination.close().catch((error) => {
    // This must not hide the result or the error that exists by now.
    const said = error instanceof Error ? error.message : error;
    events.onNotice?.(`closing ${destination.name} failed: ${said}`);
  });
}

/** @param onWait called when the wait has begun: the list may be an old one when it is over */
function lockWaitFor(job: Job, names: IdCodec, events: RunEvents, onWait: () => void): LockWait | null {
  const { waitForLockMs: maxMs, resume: runId } = job.run;
  if (maxMs === null) return null;
  const startedAt = performance.now();
  return {
    maxMs,
    job: job.name,
    runId,
    onTaken: (before) => refuseBeforeWait(job, names, before),
    onHolder: (holder) => {
      onWait();
      events.onLockWait?.({ holder, waitedMs: performance.now() - startedAt, maxMs });
    },
  };
}

/**
 * The outcome when another attempt finished the run for which this one waited; else null.
 * @throws {GuardTripped} when a guard stopped that attempt
 */
async function finishedByAnother(
  destination: Destination,
  job: Job,
  stop: AbortSignal,
): Promise<RunOutcome | null> {
  if (destination.beforeLock === null) return null;
  const { resume } = job.run;
  const last = await orStopped(
    resume === null ? destination.lastRun(job.name) : destination.findRun(resume),
    stop,
  );
  const after = afterLockWait(destination.beforeLock, last, job);
  if (after.kind === 'proceed') return null;
  const { run: record } = after;
  if (after.kind === 'guard') {
    throw new GuardTripped(
      `a guard stopped run ${record.runId} while this attempt waited for its lock: ${record.error}`,
    );
  }
  const nothing = { calls: 0, failedCalls: 0, pullMs: 0, rateMarginMs: 0, rateLimitedCalls: 0 };
  return { kind: 'finished', record, destination: destination.name, byAnother: true, ...nothing };
}

async function exportTo(
  destination: Destination,
  job: Job,
  context: RunContext,
  open: (options: OpenRunOptions) => Promise<RunToPull>,
): Promise<RunOutcome> {
  const { stop } = context;
  const { name } = destination;
  stop.throwIfAborted();
  const suppressed = await orStopped(destination.suppressed(), stop);
  for (const { message, hint } of unfinishedErasures(name, suppressed))
    context.events.onNotice?.(`${message}; ${hint}`);
  const opened = await orStopped(open({ ...context, destination, suppressed }), stop);
  return {
    ...(await pullRun(job, opened, { ...context, destination: name, suppressed })),
    destination: name,
  };
}

const destinationEvents = (events: RunEvents): DestinationEvents => ({
  onOutage: (outage) => events.onOutage?.('destination', outage),
  onNotice: (message) => events.onNotice?.(message),
  onWorker: (news) => events.onWorker?.(news),
});

/** Before the first call, an attempt that is asked to stop ends with the reason of the stop. */
async function orStopped<T>(work: Promise<T>, stop: AbortSignal): Promise<T> {
  try {
    return await work;
  } catch (error) {
    throw error instanceof AbortedByStop ? stop.reason : error;
  }
}
