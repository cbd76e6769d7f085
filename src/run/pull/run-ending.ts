import type { Job } from '../../config/model/job.ts';
import type { RunCounts } from '../../destinations/contract/counts.ts';
import type { RunEnd, RunWriter, StopCause } from '../../destinations/contract/destination.ts';
import { AbortedByStop, LockLost } from '../../destinations/contract/destination-error.ts';
import type { Timeline } from '../../destinations/contract/timeline.ts';
import { ApiUnusable, GuardTripped } from '../errors/run-errors.ts';
import { notKept, notNoted, recordedError, STOPPED_BY_GUARD } from '../errors/why-stopped.ts';
import { refuseUnknownUsers } from './guards/unknown-users.ts';
import { mayPrune } from './prune.ts';

export type RunEndingOptions = {
  readonly run: RunWriter;
  /** The timeline of this attempt up to now. */
  readonly timeline: () => Timeline;
  /** Asks the run to stop. */
  readonly stop: AbortSignal;
  readonly onNotice: (message: string) => void;
};

export type ProcessedPlan = {
  readonly job: Job;
  /** Of the whole run. */
  readonly counts: RunCounts;
  /** Whether the destination holds a user from an earlier run of the app. */
  readonly holdsUsers: boolean;
};

/** The end of an attempt: the run is finished, or the reason of its stop is recorded. */
export class RunEnding {
  readonly #options: RunEndingOptions;
  #isHaltedElsewhere = false;

  constructor(options: RunEndingOptions) {
    this.#options = options;
  }

  /** Whether another process had ended the run for all when this one was about to. */
  get isHaltedElsewhere(): boolean {
    return this.#isHaltedElsewhere;
  }

  /**
   * Whether every process of a shared run would meet this error. Once the API has accepted calls of one process, a refusal is the
   * fault of this process or its host: the others find out for themselves.
   */
  endsForAll(error: unknown): error is GuardTripped | ApiUnusable {
    return (
      error instanceof GuardTripped ||
      (error instanceof ApiUnusable && this.#options.run.shared?.isApiReached !== true)
    );
  }

  /** Finishes a run whose plan is processed. @throws {GuardTripped} when that would remove or replace too much */
  async finish({ job, counts, holdsUsers }: ProcessedPlan): Promise<RunEnd> {
    const { run, timeline, onNotice } = this.#options;
    refuseUnknownUsers({
      counts,
      holdsUsers,
      replaces: run.earlier === null || job.rows.prune,
      isRetry: run.record.retryOfRun !== null,
      limits: job.guards,
    });
    const prune = await mayPrune(run, job, onNotice);
    // Files publish the timeline with the rows, so it ends here.
    await run.saveTimeline(timeline()).catch(() => {});
    const end = await run.finish({ prune });
    if (end.kind === 'finished') {
      await run.saveTimeline(timeline()).catch((error) => onNotice(notKept(error)));
    }
    return end;
  }

  /** Records that the run was asked to stop. */
  async stopped(): Promise<void> {
    const { run, timeline, onNotice } = this.#options;
    await run.stop(this.#asked, timeline()).catch((error) => {
      if (!(error instanceof AbortedByStop)) throw error;
      onNotice(notNoted(error));
    });
  }

  /** Records the error that ended the attempt. @throws {error} unless the stop caused it, so that the attempt stopped as asked */
  async failed(error: unknown): Promise<void> {
    if (error instanceof AbortedByStop && this.#options.stop.aborted) {
      this.#options.onNotice(`${error.message}; the next attempt pulls uncommitted users again`);
      await this.#recordIfPossible(this.#asked);
      return;
    }
    const { run, onNotice } = this.#options;
    if (run.shared !== null && this.endsForAll(error)) {
      const { message, exitCode } = error;
      const isFirst = await run.shared.halt({ message, exitCode }).catch((failure: unknown) => {
        onNotice(notNoted(failure));
        return true;
      });
      this.#isHaltedElsewhere = !isFirst;
    }
    // After LockLost the record is that of another attempt. Where another worker ended the run, its reason stays.
    if (!(error instanceof LockLost)) {
      const stopReason = error instanceof GuardTripped ? STOPPED_BY_GUARD : 'error';
      await this.#recordIfPossible({ stopReason, error: recordedError(error) });
    }
    throw error;
  }

  get #asked(): StopCause {
    return { stopReason: String(this.#options.stop.reason), error: null };
  }

  async #recordIfPossible(why: StopCause): Promise<void> {
    const { run, timeline, onNotice } = this.#options;
    await run.stop(why, timeline()).catch((failure) => onNotice(notNoted(failure)));
  }
}
