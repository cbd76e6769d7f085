import type { Destination, OpenRun, RunIdentity } from '../destinations/destination.ts';
import type { Job } from '../job/job.ts';
import { ROW_FORMAT } from '../tables/tables.ts';
import type { DistinctUsers } from '../users/distinct-users.ts';
import { endpointOf } from './api-client.ts';
import { goOnOrBegin } from './go-on-or-begin.ts';
import type { Decision, RunEvents } from './run-events.ts';

/**
 * Goes on with the job's last run, or plans a new one: its plan is durable when this resolves.
 * @throws {RunRefused} when what the job asks for cannot be done
 */
export async function openRun(
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
  const planned = Math.min(users.users, limit ?? Number.POSITIVE_INFINITY);
  if (choice.kind === 'go-on') {
    const { list } = choice.run;
    if (list.digest === users.digest && list.users !== planned) {
      events.onNotice?.(
        `run ${choice.run.runId} keeps its plan of ${list.users} users; --limit counts when a run begins (--fresh)`,
      );
    }
    if (list.digest !== users.digest) {
      events.onNotice?.(
        `the user list has changed since run ${choice.run.runId} began; this run keeps its plan, the next one uses the new list`,
      );
    }
    return { run: await destination.goOn(choice.run), decision: choice };
  }
  if (choice.abandon !== null) await destination.abandon(choice.abandon);
  const list = { users: planned, duplicates: users.duplicates, digest: users.digest };
  // Read again from the start when the destination has to begin anew.
  const batches = { [Symbol.iterator]: () => users.batches(planned) };
  return { run: await destination.begin({ ...identity, list, chunkSize }, batches), decision: choice };
}
