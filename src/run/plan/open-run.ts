import type { Job } from '../../config/model/job.ts';
import type {
  Destination,
  ListFacts,
  NewRun,
  RunRecord,
  RunWriter,
} from '../../destinations/contract/destination.ts';
import type { SuppressedUsers } from '../../destinations/contract/suppressed-users.ts';
import { rateWindowMs } from '../../resilience/rate-limiter.ts';
import { emptyList, UserListError } from '../../user-list/user-list-error.ts';
import { restBeforeCallsMs } from '../calls/rest-before-calls.ts';
import { NothingToRetry, RunRefused } from '../errors/run-errors.ts';
import type { Decision, RunEvents } from '../events/run-events.ts';
import type { IdCodec } from '../ids/id-codec.ts';
import { decideResume, identityChanges } from './decide-resume.ts';
import { excludeSuppressedUsers, type KeptUsers } from './exclude-suppressed-users.ts';
import { refuseToPruneOthers } from './prune-others.ts';
import { refuseToMix } from './pseudonym-key-check.ts';
import type { ReadUsers } from './read-users.ts';
import { refuseToReplace } from './replaced-export.ts';
import { runIdentity } from './run-identity.ts';

/** A run whose plan is durable, and what its pulling has to know. */
export type RunToPull = {
  readonly run: RunWriter;
  readonly decision: Decision;
  /** No call before this instant of the monotonic clock, ms. */
  readonly notBefore: number;
  /** A user who was exported before, by an ID that the API knows; null when there is none. */
  readonly canaryUserId: string | null;
  /** Whether the destination holds a user whom an earlier run of the app exported. */
  readonly holdsUsers: boolean;
};

export type OpenRunOptions = {
  readonly destination: Destination;
  readonly names: IdCodec;
  readonly suppressed: SuppressedUsers;
  readonly events: RunEvents;
  readonly stop: AbortSignal;
};

/**
 * Resumes the job's last run, or plans a new one: its plan is durable when this resolves.
 * @throws {RunRefused} when what the job asks for cannot be done
 * @throws {UserListError} when a new run has no user; {NothingToRetry} when that is because no user failed
 * @throws the reason of `stop`, when it is aborted before all users are planned
 */
export async function openRun(job: Job, list: ReadUsers, options: OpenRunOptions): Promise<RunToPull> {
  const { destination, names, suppressed, events, stop } = options;
  await refuseToPruneOthers(destination, job);
  await refuseToReplace(destination, job);
  await refuseToMix(destination, job, names);
  const { resume, chunkSize } = job.run;
  const { retryOfRun } = list;
  const identity = runIdentity(job, names);
  const last = resume === null ? await destination.lastRun(job.name) : await destination.findRun(resume);
  const notBefore = await firstCallAt(job, destination);
  const decision = decideResume(last, identity, { ...job.run, retryOfRun }, Date.now());
  const plan = planOf(job, list, excludeSuppressedUsers(list.users, names, suppressed));
  let run: RunWriter;
  if (decision.kind === 'resume') {
    noticeChanges(plan.facts, list, decision.run, events);
    run = await destination.resume(decision.run);
  } else {
    refuseEmptyPlan(list, plan.kept);
    if (decision.abandon !== null) await destination.abandon(decision.abandon);
    run = await begin(destination, { ...identity, list: plan.facts, chunkSize, retryOfRun }, plan, stop);
  }
  const exportedUser = await destination.someExportedUser();
  return {
    run,
    decision,
    notBefore,
    // The API knows no pseudonym.
    canaryUserId: names.keyFingerprint === null ? exportedUser : null,
    holdsUsers: exportedUser !== null,
  };
}

/** @throws {RunRefused} when the job differs from that of a run which others have planned */
export function requireSameJob(run: RunRecord, job: Job, names: IdCodec): void {
  const changes = identityChanges(run, runIdentity(job, names));
  // Starting over would end the run for the others.
  if (changes.length > 0) {
    throw new RunRefused(
      `run ${run.runId}, which other processes pull now, cannot be joined: ${changes.join('; ')}; ` +
        'give the job and options that they have, or wait until it ends',
    );
  }
  requireSameUsers(run, job);
}

/** What a process needs that has joined a run, which others have planned. */
export async function joinRun(
  run: RunWriter,
  { destination, names }: Pick<OpenRunOptions, 'destination' | 'names'>,
): Promise<RunToPull> {
  const exportedUser = await destination.someExportedUser();
  return {
    run,
    decision: { kind: 'join', why: 'other processes pull it' },
    // The others call already, and share the quota by slots.
    notBefore: performance.now(),
    canaryUserId: names.keyFingerprint === null ? exportedUser : null,
    holdsUsers: exportedUser !== null,
  };
}

/** @throws {RunRefused} when the others pull a whole list and this job asks for the failed users of a run, or the reverse */
function requireSameUsers({ runId, retryOfRun }: RunRecord, { users: { failedOf } }: Job): void {
  const isSame =
    failedOf === null
      ? retryOfRun === null
      : retryOfRun !== null && (failedOf.runId === 'last' || failedOf.runId === retryOfRun);
  if (isSame) return;
  const theirs = retryOfRun === null ? 'a whole list' : `the failed users of run ${retryOfRun}`;
  const ours =
    failedOf === null
      ? 'a whole list'
      : `the failed users of ${failedOf.runId === 'last' ? 'the last run' : `run ${failedOf.runId}`}`;
  throw new RunRefused(
    `run ${runId}, which other processes pull now, is of ${theirs}, and this command asks for ${ours}; wait until it ends`,
  );
}

/** When calls may start, ms of the monotonic clock: those of the last attempt may still count against the rate. */
async function firstCallAt({ pull }: Job, destination: Destination): Promise<number> {
  const windowMs = rateWindowMs({ rate: pull.rate, margin: pull.rateMargin });
  const agoMs = await destination.lastCallsMsAgo();
  return performance.now() + restBeforeCallsMs(agoMs, windowMs);
}

/** The users of a new run, and what their list came to. */
type Plan = { readonly kept: KeptUsers; readonly facts: ListFacts };

function planOf({ run: { limit } }: Job, { users, counts }: ReadUsers, kept: KeptUsers): Plan {
  const planned = Math.min(kept.users, limit ?? Number.POSITIVE_INFINITY);
  return {
    kept,
    facts: {
      ...counts,
      users: planned,
      beyondLimit: kept.users - planned,
      suppressed: users.users - kept.users,
      duplicates: users.duplicates,
      digest: users.digest,
    },
  };
}

function refuseEmptyPlan({ users, name, retryOfRun }: ReadUsers, kept: KeptUsers): void {
  if (users.users === 0 && retryOfRun !== null) {
    throw new NothingToRetry(
      `there are no ${name}: there is nothing to retry (those not in the app are not failed)`,
    );
  }
  if (users.users === 0) throw emptyList(name);
  if (kept.users === 0) throw new UserListError([`${name} holds only users who are suppressed here`]);
}

async function begin(
  destination: Destination,
  run: NewRun,
  { kept, facts }: Plan,
  stop: AbortSignal,
): Promise<RunWriter> {
  // Read again from the start when the destination must plan again.
  const batches = { [Symbol.iterator]: () => unlessStopped(kept.batches(facts.users), stop) };
  try {
    return await destination.begin(run, batches);
  } catch (error) {
    stop.throwIfAborted();
    throw error;
  }
}

function* unlessStopped(batches: Iterable<string[]>, stop: AbortSignal): Generator<string[]> {
  for (const batch of batches) {
    // Streams expect an Error; the reason can be any value.
    if (stop.aborted) throw new Error('the run was asked to stop');
    yield batch;
  }
}

function noticeChanges(
  now: ListFacts,
  { users, retryOfRun }: ReadUsers,
  { list, runId }: RunRecord,
  events: RunEvents,
): void {
  // Standard input that is empty this time: the plan has what it held the first time.
  // Failed users: those recovered since are missing.
  if (users.users === 0 || retryOfRun !== null) return;
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
