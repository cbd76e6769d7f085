import type { Job } from '../../config/model/job.ts';
import type {
  Destination,
  ListFacts,
  RunRecord,
  RunWriter,
} from '../../destinations/contract/destination.ts';
import type { SuppressedUsers } from '../../destinations/contract/suppressed-users.ts';
import { rateWindowMs } from '../../resilience/rate-limiter.ts';
import { emptyList, UserListError } from '../../user-list/user-list-error.ts';
import { restBeforeCallsMs } from '../calls/rest-before-calls.ts';
import { NothingToRetry } from '../errors/nothing-to-retry.ts';
import type { Decision, RunEvents } from '../events/run-events.ts';
import type { IdCodec } from '../ids/id-codec.ts';
import { refuseToPruneOthers } from '../pull/prune.ts';
import { decideResume } from './decide-resume.ts';
import { excludeSuppressedUsers } from './exclude-suppressed-users.ts';
import { refuseToMix } from './pseudonym-key-check.ts';
import type { ReadUsers } from './read-users.ts';
import { refuseToReplace } from './replaced-export.ts';
import { identityOf } from './run-identity.ts';

/**
 * Goes on with the job's last run, or plans a new one: its plan is durable when this resolves. No call may be made before
 * `notBefore`, ms of the monotonic clock.
 * @throws {RunRefused} when what the job asks for cannot be done
 * @throws {UserListError} when a new run has no user; {NothingToMend} when that is because nobody failed
 * @throws the reason of `stop`, when it is aborted before all users are planned
 */
export async function openRun(
  job: Job,
  { names, suppressed }: { readonly names: IdCodec; readonly suppressed: SuppressedUsers },
  { users, counts, name, retryOfRun }: ReadUsers,
  destination: Destination,
  events: RunEvents,
  stop: AbortSignal,
): Promise<{ readonly run: RunWriter; readonly decision: Decision; readonly notBefore: number }> {
  await refuseToPruneOthers(destination, job);
  await refuseToReplace(destination, job);
  await refuseToMix(destination, job, names);
  const { limit, resume, chunkSize } = job.run;
  const identity = identityOf(job, names);
  const last = resume === null ? await destination.lastRun(job.name) : await destination.findRun(resume);
  const windowMs = rateWindowMs({ rate: job.pull.rate, marginMs: job.pull.rateMarginMs });
  const agoMs = await destination.lastCallsMsAgo();
  const notBefore = performance.now() + restBeforeCallsMs(agoMs, windowMs);
  const choice = decideResume(last, identity, { ...job.run, retryOfRun }, Date.now());
  const kept = excludeSuppressedUsers(users, names, suppressed);
  const planned = Math.min(kept.users, limit ?? Number.POSITIVE_INFINITY);
  const list: ListFacts = {
    ...counts,
    users: planned,
    beyondLimit: kept.users - planned,
    suppressed: users.users - kept.users,
    duplicates: users.duplicates,
    digest: users.digest,
  };
  if (choice.kind === 'go-on') {
    // Nothing came over standard input: the plan has all that came the first time.
    // Of failed users, those mended meanwhile are missing.
    if (users.users > 0 && retryOfRun === null) tellChanges(list, choice.run, events);
    return { run: await destination.resume(choice.run), decision: choice, notBefore };
  }
  if (users.users === 0 && retryOfRun !== null) {
    throw new NothingToRetry(
      `there are no ${name}: there is nothing to retry (those not in the app are not failed)`,
    );
  }
  if (users.users === 0) throw emptyList(name);
  if (kept.users === 0) throw new UserListError([`${name} holds only users who are suppressed here`]);
  if (choice.abandon !== null) await destination.abandon(choice.abandon);
  // Read again from the start when the destination has to start over.
  const batches = { [Symbol.iterator]: () => unlessStopped(kept.batches(planned), stop) };
  try {
    return {
      run: await destination.begin({ ...identity, list, chunkSize, retryOfRun }, batches),
      decision: choice,
      notBefore,
    };
  } catch (error) {
    stop.throwIfAborted();
    throw error;
  }
}

function* unlessStopped(batches: Iterable<string[]>, stop: AbortSignal): Generator<string[]> {
  for (const batch of batches) {
    // An error, as streams expect one; the reason may be any value.
    if (stop.aborted) throw new Error('the run was asked to stop');
    yield batch;
  }
}

function tellChanges(now: ListFacts, { list, runId }: RunRecord, events: RunEvents): void {
  if (list.digest !== now.digest) {
    events.onNotice?.(
      `the user list has changed since run ${runId} started; this run keeps its plan, the next one uses the new list`,
    );
  } else if (list.users !== now.users) {
    events.onNotice?.(
      `run ${runId} keeps its plan of ${list.users} users; --limit applies when a run starts (--fresh)`,
    );
  }
}
