import type { Outcome } from '../../../report/text/summary.ts';
import type { RunEvents } from '../../../run/events/run-events.ts';

type Opened = Parameters<NonNullable<RunEvents['onOpened']>>[0];

/** How far an attempt has come: before its run is opened, at work on it, or over. */
export class AttemptPhase {
  #opened: Opened | null = null;
  #openedAt = 0;
  #isOver = false;
  /** Whether other processes were still at work on the shared run when this one left. */
  #isRunningElsewhere = false;

  readonly events: RunEvents = {
    onOpened: (opened) => {
      this.#opened = opened;
      this.#openedAt = performance.now();
    },
    onElsewhere: (run) => {
      this.#isRunningElsewhere = run === 'running';
    },
  };

  /** The run has ended, however it did. */
  end(): void {
    this.#isOver = true;
  }

  /** False as long as nothing was called. */
  get isOpened(): boolean {
    return this.#opened !== null;
  }

  get isAtWork(): boolean {
    return this.isOpened && !this.#isOver;
  }

  /** The effect of a signal that comes now. */
  get effectOfSignal(): string {
    if (!this.isOpened) return 'the run was not opened yet; nothing was called';
    if (this.#isOver) return 'the run has ended; its pending pings and files are not waited for';
    return 'finishing calls in progress and committing complete chunks; send the signal again to stop at once';
  }

  /** The outcome of a run that an error ended, and what the operator can do next; null when no run was opened. */
  failed(error: string): { readonly outcome: Outcome; readonly next: string } | null {
    if (this.#opened === null) return null;
    const { record, destination, progress } = this.#opened;
    const { counts, calls, failedCalls, rateMarginMs, rateLimitedCalls, usersDone } = progress();
    const pullMs = performance.now() - this.#openedAt;
    const resume = this.#isRunningElsewhere
      ? `other processes were still at work on run ${record.runId}, and the same command joins or resumes it`
      : `the same command resumes run ${record.runId}`;
    return {
      outcome: {
        kind: 'failed',
        error,
        record: { ...record, counts },
        destination,
        calls,
        failedCalls,
        rateMarginMs,
        rateLimitedCalls,
        pullMs,
      },
      next:
        usersDone > 0
          ? `committed data is safe; ${resume}`
          : `nothing is committed yet; ${resume}, or starts over with --fresh, which is needed if the app or its address changes`,
    };
  }
}
