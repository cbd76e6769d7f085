import type { Job } from '../../config/model/job.ts';
import type { RunRecord } from '../../destinations/contract/destination.ts';
import type { SuppressedUsers } from '../../destinations/contract/suppressed-users.ts';
import type { RateLimits } from '../../destinations/contract/timeline.ts';
import type { RunEvents } from '../events/run-events.ts';
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
};

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
  const { destination, events, stop } = options;
  const { record, earlier } = run;
  const onNotice = (message: string): void => events.onNotice?.(message);
  const condition = new ConditionVariable();
  const wake = (): void => condition.notify();
  const progress = new RunProgress(run, destination);
  const passNow = () => passes.now;
  const calls = new RunCalls(job, { ...options, canaryUserId, notBefore, passNow, onSlotGranted: wake });
  const passes = new Passes(job, { ...options, run, calls, progress, condition });
  events.onOpened?.({
    record,
    decision,
    destination,
    usersDone: progress.usersDone,
    progress: () => ({
      ...calls.now,
      users: record.list.users,
      usersDone: progress.usersDone,
      counts: progress.counts,
      waiting: passes.now.waiting,
      retriesAheadMs: passes.retriesAheadMs,
    }),
  });
  calls.shutdown.listen();
  const flusher = new TimelineFlusher({
    recorder: calls.recorder,
    keep: (timeline) => run.saveTimeline(timeline),
  });
  const ending = new RunEnding({ run, timeline: () => flusher.timeline, stop, onNotice });
  const stopped = (): Pulled => ({
    kind: 'stopped',
    record: { ...record, stopReason: String(stop.reason), error: null, counts: progress.counts },
    ...calls.figures,
  });
  try {
    for (;;) {
      // Guards count from the committed users, also after commits were lost.
      const soFar = { ...record, counts: progress.counts };
      await passes.pullOpenChunks(new Guards(job.guards, { record: soFar, earlier }, wake));
      if (stop.aborted) {
        await ending.stopped();
        return stopped();
      }
      const end = await ending.finish({ job, counts: progress.counts, holdsUsers });
      if (end.kind === 'finished') return { kind: 'finished', record: end.record, ...calls.figures };
      onNotice(`${progress.takeBack(end.committed)}; it is repeated`);
    }
  } catch (error) {
    await ending.failed(error);
    return stopped();
  } finally {
    flusher.stop();
    await calls.close();
  }
}
