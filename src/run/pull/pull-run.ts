import { setMaxListeners } from 'node:events';
import { tmpdir } from 'node:os';
import type { Job } from '../../config/model/job.ts';
import { addCounts, type RunCounts } from '../../destinations/contract/counts.ts';
import type { Committed, RunRecord, RunWriter, StopCause } from '../../destinations/contract/destination.ts';
import { AbortedByStop, DestinationError, LockLost } from '../../destinations/contract/destination-error.ts';
import type { SuppressedUsers } from '../../destinations/contract/suppressed-users.ts';
import { ApiCaller, failedCalls, newTally } from '../calls/api-caller.ts';
import { clientOf } from '../calls/api-client.ts';
import { bottleneck, type PassNow } from '../calls/bottleneck.ts';
import { Probes } from '../calls/probes.ts';
import { slowedNotice } from '../calls/slowed-notice.ts';
import { notKept, notNoted, reasonOf } from '../errors/why-stopped.ts';
import { explainUnexported } from '../events/causes.ts';
import { OUT_OF_TIME } from '../events/deadline.ts';
import type { Decision, RunEvents } from '../events/run-events.ts';
import type { IdCodec } from '../ids/id-codec.ts';
import { ConditionVariable } from './condition-variable.ts';
import { Guards } from './guards/guards.ts';
import { refuseUnknownUsers } from './guards/unknown-users.ts';
import { InFlight } from './in-flight/in-flight.ts';
import { Pass } from './pass.ts';
import { mayPrune } from './prune.ts';
import { pullUser, pullUserSettings } from './pull-user.ts';
import { TimelineFlusher } from './timeline-flusher.ts';
import { TimelineRecorder } from './timeline-recorder.ts';

/** What came of a run's pulling. */
export type Pulled = {
  /** `finished`: the whole plan is processed; `stopped`: as asked, and the next attempt resumes the run. */
  readonly kind: 'finished' | 'stopped';
  readonly record: RunRecord;
  /** Calls of this attempt alone, and those of them that failed. */
  readonly calls: number;
  readonly failedCalls: number;
  /** How long this attempt pulled and committed, ms. */
  readonly pullMs: number;
};

export type PullRunOptions = {
  readonly decision: Decision;
  readonly destination: string;
  readonly names: IdCodec;
  readonly suppressed: SuppressedUsers;
  /** A user who was exported before, or null. */
  readonly canaryUserId: string | null;
  /** Whether the destination holds a user whom an earlier run of the app exported. */
  readonly holdsUsers: boolean;
  /** No call before this instant of the monotonic clock. */
  readonly notBefore?: number;
  readonly events: RunEvents;
  readonly stop: AbortSignal;
};

const lostCommits = (destination: string, users: number): string =>
  `${destination}: the server has lost what it had committed (after a crash, a restore or a failover): ` +
  (users === 0 ? 'the end of the run' : `${users} users of the plan`);

// Calls under way when a run is asked to stop get so long to end.
const GRACE_MS = 5_000;
// A database that loses commits again and again would have the same users pulled for ever.
const MAX_LOSSES = 5;
const NO_PASS: PassNow = { waitsForDestination: false, waiting: 0 };

/** Pulls and commits what is left of a run's plan, and closes the run. */
export async function pullRun(job: Job, run: RunWriter, options: PullRunOptions): Promise<Pulled> {
  const {
    decision,
    destination,
    names,
    suppressed,
    canaryUserId,
    holdsUsers,
    notBefore = 0,
    events,
    stop,
  } = options;
  const { record } = run;
  const abort = new AbortController();
  // Every call under way listens to it.
  setMaxListeners(0, abort.signal);
  const recorder = new TimelineRecorder({
    quota: job.pull.rate,
    at: performance.now(),
    bottleneck: () => bottleneck(caller.now, pass?.now ?? NO_PASS),
  });
  const client = clientOf(job, (message) => events.onNotice?.(message), recorder);
  const condition = new ConditionVariable();
  const total = newTally();
  const probes = new Probes();
  const caller = new ApiCaller({
    ...job.pull,
    client,
    canaryUserId,
    notBefore,
    probeTallies: [total, probes.tally],
    abort: abort.signal,
    onOutage: (outage) => events.onOutage?.('api', outage),
    onSlotGranted: () => condition.notify(),
    onRetry: events.onRetry,
    onFailed: (error) => recorder.failed(performance.now(), error),
    onSlowed: (share) => events.onNotice?.(slowedNotice(share, job.pull.rate)),
    redact: names.redact,
  });
  const inFlight = new InFlight(job.users.tempDir ?? tmpdir(), (message) => events.onNotice?.(message));
  const settings = pullUserSettings(job, { names, suppressed });
  let counts: RunCounts = record.counts;
  let { usersDone } = run;
  let pass: Pass | null = null;
  const began = performance.now();
  events.onOpened?.({
    record,
    decision,
    destination,
    usersDone,
    progress: () => ({
      users: record.list.users,
      usersDone,
      counts,
      calls: total.calls,
      failedCalls: failedCalls(total),
      retries: caller.retries,
      waits: recorder.waits,
      waiting: pass?.waiting ?? 0,
      throttleRatio: caller.throttleRatio,
    }),
  });

  const guardsFor = (soFar: RunCounts): Guards =>
    new Guards(job.guards, { record: { ...record, counts: soFar }, earlier: run.earlier }, () =>
      condition.notify(),
    );
  let guards = guardsFor(counts);
  const runPass = async (number: 1 | 2): Promise<void> => {
    pass = new Pass({
      run,
      pass: number,
      pull: (userId, context, take) => pullUser(userId, caller, settings, context, take),
      needsWork: () => caller.needsWork,
      condition,
      guards,
      removeNotInApp: job.rows.notInApp === 'remove',
      total,
      inFlight,
      stop,
      withProbes: (result) => probes.countedIn(result),
      onCommitted: (chunk, committed, done) => {
        counts = addCounts(counts, committed);
        usersDone += done;
        events.onCommitted?.({ number: chunk.number, counts: committed });
      },
      onUnexported: (user) => events.onUnexported?.(user, explainUnexported(user)),
    });
    await pass.run();
    pass = null;
  };
  /** Pulls all of the plan that is not committed, unless the run is asked to stop. */
  const pullOpenChunks = async (): Promise<void> => {
    await runPass(1);
    if (stop.aborted) return;
    await run.planSecondPass();
    await runPass(2);
  };
  let losses = 0;
  /** Commits were lost: what the ledger says counts, and not what was added up here. */
  const takeBack = (committed: Committed): void => {
    losses += 1;
    const said = lostCommits(destination, record.list.users - committed.usersDone);
    if (losses > MAX_LOSSES)
      throw new DestinationError(`${said}, for the ${losses}th time in this attempt; check the server`);
    events.onNotice?.(`${said}; it is repeated`);
    ({ counts, usersDone } = committed);
    guards = guardsFor(counts);
  };
  const endCallsSoon = (): void => {
    if (stop.reason === OUT_OF_TIME)
      events.onNotice?.('--max-duration is over: finishing calls in progress and committing complete chunks');
    setTimeout(() => abort.abort(stop.reason), GRACE_MS).unref();
  };
  if (stop.aborted) endCallsSoon();
  else stop.addEventListener('abort', endCallsSoon, { once: true });
  const figures = () => ({
    calls: total.calls,
    failedCalls: failedCalls(total),
    pullMs: performance.now() - began,
  });
  const stopped = (): Pulled => ({
    kind: 'stopped',
    record: { ...record, stopReason: String(stop.reason), error: null, counts },
    ...figures(),
  });
  const asked = (): StopCause => ({ stopReason: String(stop.reason), error: null });
  const keeper = new TimelineFlusher({ recorder, keep: (timeline) => run.saveTimeline(timeline) });
  try {
    for (;;) {
      await pullOpenChunks();
      if (stop.aborted) break;
      refuseUnknownUsers({
        counts,
        holdsUsers,
        replaces: run.earlier === null || job.rows.prune,
        isRetry: record.retryOfRun !== null,
        limits: job.guards,
      });
      const prune = await mayPrune(run, job, (message) => events.onNotice?.(message));
      // To finish takes its time, too, but what it publishes is closed by it.
      await run.saveTimeline(keeper.timeline).catch(() => {});
      const end = await run.finish({ prune });
      if (end.kind === 'incomplete') {
        takeBack(end.committed);
        continue;
      }
      await run.saveTimeline(keeper.timeline).catch((error) => events.onNotice?.(notKept(error)));
      return { kind: 'finished', record: end.record, ...figures() };
    }
    await run.stop(asked(), keeper.timeline).catch((error) => {
      if (!(error instanceof AbortedByStop)) throw error;
      events.onNotice?.(notNoted(error));
    });
    return stopped();
  } catch (error) {
    const note = (why: StopCause): Promise<void> =>
      run.stop(why, keeper.timeline).catch((failure) => events.onNotice?.(notNoted(failure)));
    if (error instanceof AbortedByStop && stop.aborted) {
      events.onNotice?.(`${error.message}; the next attempt pulls uncommitted users again`);
      await note(asked());
      return stopped();
    }
    // A run that is another's by now is the other's to tell of.
    if (!(error instanceof LockLost)) await note({ stopReason: 'error', error: reasonOf(error) });
    throw error;
  } finally {
    keeper.stop();
    stop.removeEventListener('abort', endCallsSoon);
    abort.abort();
    await client.close();
  }
}
