import type { RunCounts } from '../destinations/contract/counts.ts';
import type { exitCodes } from '../errors/exit-codes.ts';
import type { Decision, Elsewhere } from '../run/events/run-events.ts';

/** The state of a run at the end of this attempt. */
export interface RunSoFar {
  readonly runId: number;
  /** Whether the run was resumed, started or joined, and why. */
  readonly decision: Decision;
  /** The destination as it was given, without secrets. */
  readonly destination: string;
  /** ISO 8601, UTC. */
  readonly startedAt: string;
  /** Committed counts of all attempts of the run. */
  readonly counts: RunCounts;
  /** Calls of this attempt, and those of them that failed. */
  readonly calls: number;
  readonly failedCalls: number;
  /**
   * Only with `share`, if the outcome is another process's: it has ended the run, or others were still at work on it when this one left. Otherwise
   * undefined.
   */
  readonly elsewhere?: Elsewhere | undefined;
}

/** All users of the list were processed; with exit code 3, `run.counts.failed` users could not be exported. */
export interface FinishedExport {
  readonly status: 'finished';
  readonly exitCode: typeof exitCodes.done | typeof exitCodes.someUsersFailed;
  readonly run: RunSoFar;
}

/** Stopped cleanly, by the signal or by `maxDuration`; the same call resumes the run. `run` is null if no run was opened. */
export type StoppedExport = {
  readonly status: 'stopped';
  readonly run: RunSoFar | null;
} & (
  | { readonly by: 'signal'; readonly exitCode: typeof exitCodes.SIGINT }
  | { readonly by: 'max-duration'; readonly exitCode: typeof exitCodes.outOfTime }
);

/** Another attempt finished the run while this one waited for the lock (`waitForLock`). This one called nothing. */
export interface FinishedByAnother {
  readonly status: 'finished-by-another';
  readonly exitCode: FinishedExport['exitCode'];
  readonly run: Omit<RunSoFar, 'decision'>;
}

/** `retryFailed` found no user to retry. */
export interface NothingToExport {
  readonly status: 'nothing-to-retry';
  readonly exitCode: typeof exitCodes.done;
  readonly run: null;
}

/** How an export ended; `exitCode` is what the command would have ended with. */
export type ExportOutcome = FinishedExport | FinishedByAnother | StoppedExport | NothingToExport;
