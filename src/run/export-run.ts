import { setMaxListeners } from 'node:events';
import { tmpdir } from 'node:os';
import { ChatApiClient } from '../chat-api/client.ts';
import { Credentials } from '../chat-api/credentials.ts';
import { regionEndpoint } from '../chat-api/regions.ts';
import { addCounts, type RunCounts } from '../destinations/counts.ts';
import type { Destination, OpenRun, RunIdentity, RunRecord } from '../destinations/destination.ts';
import type { Job } from '../job/job.ts';
import { ROW_FORMAT } from '../tables/tables.ts';
import { DistinctUsers } from '../users/distinct-users.ts';
import { readUserList } from '../users/user-list.ts';
import { Caller, failedCalls, newTally } from './caller.ts';
import { goOnOrBegin } from './go-on-or-begin.ts';
import { openDestination } from './open-destination.ts';
import { Pass } from './pass.ts';
import { pullUser } from './pull-user.ts';
import type { Decision, RunEvents } from './run-events.ts';
import { RunRefused } from './run-refused.ts';
import { Wakeup } from './wakeup.ts';

/** How a run ended, or why it stopped before its end. */
export type RunOutcome = {
  /** `finished`: all of the plan is done with; `stopped`: as asked, and the next start goes on. */
  readonly kind: 'finished' | 'stopped';
  readonly record: RunRecord;
  readonly destination: string;
  /** Of this start alone. */
  readonly calls: number;
  readonly failedCalls: number;
  /** From this start's first call to its last, ms. */
  readonly pullMs: number;
};

export type RunOptions = {
  readonly events?: RunEvents;
  /** Stops the run cleanly; its reason is noted. */
  readonly stop?: AbortSignal;
};

// Calls under way when a run is asked to stop get so long to end.
const GRACE_MS = 5_000;

/**
 * One run of a job: the list is read and checked, the plan made durable, each user pulled under the quota, each chunk
 * committed with the ledger, and the run closed.
 * @throws UserListError, RunRefused and DestinationUnusable before anything is called or written; DestinationLocked;
 * ApiUnusable, DestinationError and LockLost when it cannot go on, after which it can be resumed
 */
export async function exportRun(job: Job, { events = {}, stop }: RunOptions = {}): Promise<RunOutcome> {
  const stopped = stop ?? new AbortController().signal;
  const users = await DistinctUsers.read(readUserList(job.users.file), tmpdir());
  try {
    const { destination, close } = await openDestination(job, {
      onOutage: (outage) => events.onOutage?.('destination', outage),
      onNotice: (message) => events.onNotice?.(message),
    });
    try {
      const { run, decision } = await openRun(job, users, destination, events);
      return await pullAll(job, run, decision, destination, events, stopped);
    } finally {
      await close();
    }
  } finally {
    await users.close();
  }
}

async function openRun(
  job: Job,
  users: DistinctUsers,
  destination: Destination,
  events: RunEvents,
): Promise<{ readonly run: OpenRun; readonly decision: Decision }> {
  const { limit, resume, chunkSize } = job.run;
  const identity: RunIdentity = {
    job: job.name,
    sdkAppId: job.api.sdkAppId,
    endpoint: endpointOf(job),
    rowFormat: ROW_FORMAT,
  };
  const last = resume === null ? await destination.lastRun(job.name) : await destination.findRun(resume);
  const choice = goOnOrBegin(last, identity, job.run, Date.now());
  if (choice.kind === 'go-on') {
    if (choice.run.list.digest !== users.digest) {
      events.onNotice?.(
        `the user list has changed since run ${choice.run.runId} began; this run keeps its plan, the next one uses the new list`,
      );
    }
    return { run: await destination.goOn(choice.run), decision: choice };
  }
  if (choice.abandon !== null) await destination.abandon(choice.abandon);
  const planned = Math.min(users.users, limit ?? Number.POSITIVE_INFINITY);
  const list = { users: planned, duplicates: users.duplicates, digest: users.digest };
  // Read again from the start when the destination has to begin anew.
  const batches = { [Symbol.iterator]: () => users.batches(planned) };
  return { run: await destination.begin({ ...identity, list, chunkSize }, batches), decision: choice };
}

async function pullAll(
  job: Job,
  run: OpenRun,
  decision: Decision,
  destination: Destination,
  events: RunEvents,
  stop: AbortSignal,
): Promise<RunOutcome> {
  const { record } = run;
  const abort = new AbortController();
  // Every call under way listens to it.
  setMaxListeners(0, abort.signal);
  const client = clientOf(job);
  const wakeup = new Wakeup();
  const total = newTally();
  const caller = new Caller({
    ...job.pull,
    client,
    abort: abort.signal,
    onOutage: (outage) => events.onOutage?.('api', outage),
    onTurn: () => wakeup.notify(),
  });
  const settings = { ...job.rows, sdkAppId: job.api.sdkAppId, maxPages: job.pull.maxPages };
  let counts: RunCounts = record.counts;
  let usersDone = run.usersDone;
  let waiting = (): number => 0;
  const began = performance.now();
  events.onOpened?.({
    record,
    decision,
    destination: destination.name,
    usersDone,
    progress: () => ({
      users: record.list.users,
      usersDone,
      counts,
      calls: total.calls,
      failedCalls: failedCalls(total),
      waiting: waiting(),
      paceFactor: caller.paceFactor,
    }),
  });

  const runPass = async (number: 1 | 2): Promise<void> => {
    const pass = new Pass({
      run,
      pass: number,
      pull: (userId, context) => pullUser(userId, caller, settings, context),
      isHungry: () => caller.isHungry,
      wakeup,
      removeNotInApp: job.rows.notInApp === 'remove',
      total,
      stop,
      onCommitted: (chunk, committed, done) => {
        counts = addCounts(counts, committed);
        usersDone += done;
        events.onCommitted?.({ number: chunk.number, counts: committed });
      },
      onUnexported: (user) => events.onUnexported?.(user),
    });
    waiting = () => pass.waiting;
    await pass.run();
  };
  let grace: NodeJS.Timeout | undefined;
  const onStop = (): void => {
    grace = setTimeout(() => abort.abort(stop.reason), GRACE_MS);
  };
  stop.addEventListener('abort', onStop, { once: true });
  if (stop.aborted) onStop();
  const outcome = (kind: RunOutcome['kind'], ended: RunRecord): RunOutcome => ({
    kind,
    record: ended,
    destination: destination.name,
    calls: total.calls,
    failedCalls: failedCalls(total),
    pullMs: performance.now() - began,
  });
  try {
    await runPass(1);
    if (!stop.aborted) {
      await run.planSecondPass();
      await runPass(2);
    }
    if (!stop.aborted) return outcome('finished', await run.finish(counts));
    await run.stop(String(stop.reason));
    return outcome('stopped', { ...record, counts });
  } finally {
    clearTimeout(grace);
    stop.removeEventListener('abort', onStop);
    abort.abort();
    await client.close();
  }
}

function clientOf(job: Job): ChatApiClient {
  const { sdkAppId, identifier, credentials } = job.api;
  return new ChatApiClient({
    endpoint: endpointOf(job),
    sdkAppId,
    identifier,
    credentials: new Credentials(credentials, { sdkAppId, identifier }),
    timeoutMs: job.pull.timeoutMs,
    connections: job.pull.concurrency,
  });
}

function endpointOf(job: Job): string {
  const { endpoint, region } = job.api;
  if (endpoint !== null) return endpoint;
  if (region !== null) return regionEndpoint(region);
  throw new RunRefused('--region or --endpoint is needed');
}
