import type { Job } from '../../config/model/job.ts';
import { NO_CHANGES } from '../../destinations/contract/counts.ts';
import type { RunRecord } from '../../destinations/contract/destination.ts';
import type { SuppressedUsers } from '../../destinations/contract/suppressed-users.ts';
import type { RateLimits } from '../../destinations/contract/timeline.ts';
import { EndedByWorker } from '../errors/run-errors.ts';
import { deadline } from '../events/deadline.ts';
import type { Elsewhere, RunEvents } from '../events/run-events.ts';
import type { IdCodec } from '../ids/id-codec.ts';
import type { RunToPull } from '../plan/open-run.ts';
import { ConditionVariable } from './condition-variable.ts';
import { Guards } from './guards/guards.ts';
import { Passes } from './passes.ts';
import { RunCalls } from './run-calls.ts';
import { RunEnding } from './run-ending.ts';
import { RunProgress } from './run-progress.ts';
import { TimelineFlusher } from './timeline-flusher.ts';

/** The result of pulling a run. */
export type Pulled = RateLimits & {
  /** `finished`: the whole plan is processed; `stopped`: as asked, and the next attempt resumes the run. */
  readonly kind: 'finished' | 'stopped';
  readonly record: RunRecord;
  /** Calls of this attempt alone, and those of them that failed. */
  readonly calls: number;
  readonly failedCalls: number;
  /** How long this attempt pulled and committed, ms. */
  readonly pullMs: number;
  /** Set when the outcome is another process's: it has ended the shared run, or others were still at work on it. */
  readonly elsewhere?: Elsewhere;
};

/** The result of a process that came when the others had finished the run. */
export const finishedElsewhere = (record: RunRecord): Pulled => ({
  kind: 'finished',
  record,
  calls: 0,
  failedCalls: 0,
  rateLimitedCalls: 0,
  rateMarginMs: 0,
  pullMs: 0,
  elsewhere: 'ended',
});

export type PullRunOptions = {
  /** Its name in messages. */
  readonly destination: string;
  readonly names: IdCodec;
  readonly suppressed: SuppressedUsers;
  readonly events: RunEvents;
  /** Asks the run to stop. */
  readonly stop: AbortSignal;
};

/**
 * Pulls and commits the rest of a run's plan, and closes the run.
 * @throws the error that ends the attempt before the run is finished, after it was recorded
 */
export async function pullRun(job: Job, opened: RunToPull, options: PullRunOptions): Promise<Pulled> {
  const { run, decision, holdsUsers, canaryUserId, notBefore } = opened;
  const { destination, events } = options;
  const { record, earlier, shared } = run;
  // All processes of a shared run end at the same time, whenever they came.
  const { signal: asked, clear } = deadline(options.stop, shared?.leftMs ?? null);
  const stop = shared === null ? asked : AbortSignal.any([asked, shared.halted]);
  const onNotice = (message: string): void => events.onNotice?.(message);
  const condition = new ConditionVariable();
  const wake = (): void => condition.notify();
  const progress = new RunProgress(run, destination);
  const passNow = () => passes.now;
  const calls = new RunCalls(job, {
    ...options,
    stop,
    shared,
    canaryUserId,
    notBefore,
    passNow,
    onSlotGranted: wake,
  });
  const passes = new Passes(job, { ...options, stop, run, calls, progress, condition });
  events.onOpened?.({
    record,
    decision,
    destination,
    usersDone: progress.usersDone,
    progress: () => ({
      ...calls.now,
      elsewhere: shared?.callsElsewhere ?? null,
      workers: shared?.workers ?? null,
      users: record.list.users,
      usersDone: progress.usersDone,
      counts: progress.counts,
      waiting: passes.now.waiting,
      retriesAheadMs: passes.retriesAheadMs,
    }),
  });
  shared?.announceCalls(() => calls.figures.calls);
  calls.shutdown.listen();
  const flusher = new TimelineFlusher({
    recorder: calls.recorder,
    keep: (timeline) => run.saveTimeline(timeline),
  });
  const ending = new RunEnding({ run, timeline: () => flusher.timeline, stop: asked, onNotice });
  let guards: Guards | null = null;
  shared?.onRefresh(() => guards?.lookElsewhere());
  shared?.reportWith(() => ({
    hasKnownUser: false,
    waiting: NO_CHANGES,
    ...guards?.report,
    pullingChunks: passes.pullingChunks,
    answeredMsAgo: calls.caller.answeredMsAgo,
  }));
  const stopped = (): Pulled => ({
    kind: 'stopped',
    record: { ...record, stopReason: String(stop.reason), error: null, counts: progress.counts },
    ...calls.figures,
    ...(shared?.isRunningElsewhere ? { elsewhere: 'running' } : {}),
  });
  try {
    for (;;) {
      // Guards count from the committed users, also after commits were lost.
      const counts = shared?.committedHere.counts ?? progress.counts;
      guards = new Guards(job.guards, { record: { ...record, counts }, earlier, shared }, wake);
      await passes.pullOpenChunks(guards);
      const over = stop.aborted ? null : await shared?.beginEnd(stop);
      if (over != null) {
        events.onElsewhere?.('ended');
        // Recorded as left, with the timeline; the run's own record is finished and stays.
        await run.stop({ stopReason: 'ended elsewhere', error: null }, flusher.timeline).catch(() => {});
        const { figures } = calls;
        await shared?.leaveTogether();
        return { ...finishedElsewhere(over), ...figures };
      }
      if (shared?.halted.aborted) throw new EndedByWorker(shared.halted.reason);
      if (stop.aborted) {
        await ending.stopped();
        if (shared?.isRunningElsewhere) events.onElsewhere?.('running');
        return stopped();
      }
      const end = await ending.finish({ job, counts: progress.counts, holdsUsers });
      if (end.kind === 'finished') {
        const { figures } = calls;
        await shared?.leaveTogether();
        return { kind: 'finished', record: end.record, ...figures };
      }
      if (shared === null) onNotice(`${progress.takeBack(end.committed)}; it is repeated`);
      else await shared.postponeEnd();
    }
  } catch (error) {
    try {
      await ending.failed(error);
      return stopped();
    } finally {
      if (error instanceof EndedByWorker || ending.endsForAll(error)) await shared?.leaveTogether();
      if (error instanceof EndedByWorker || ending.isHaltedElsewhere) events.onElsewhere?.('ended');
      // Who ends the run for all reports that.
      else if (shared?.isRunningElsewhere && !ending.endsForAll(error)) events.onElsewhere?.('running');
    }
  } finally {
    clear();
    flusher.stop();
    await calls.close();
  }
}
