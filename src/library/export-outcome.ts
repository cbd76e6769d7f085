import type { RunCounts } from '../destinations/contract/counts.ts';
import type { Decision } from '../run/events/run-events.ts';

/** A run as far as this attempt of it came. */
export interface RunSoFar {
  readonly runId: number;
  /** Whether the run resumed an earlier one or began, and why. */
  readonly decision: Decision;
  /** As it was given, without secrets. */
  readonly destination: string;
  /** ISO 8601, UTC. */
  readonly startedAt: string;
  /** Of all attempts of the run, as far as committed. */
  readonly counts: RunCounts;
  /** Attempts at calls by this attempt, and those of them that failed. */
  readonly calls: number;
  readonly failedCalls: number;
}

/** All of the list is done with; with exit code 3, `run.counts.failed` users could not be exported. */
export interface FinishedExport {
  readonly status: 'finished';
  readonly exitCode: 0 | 3;
  readonly run: RunSoFar;
}

/** Stopped cleanly, by the signal or by `maxDuration`; the same call goes on. `run` is null where none was opened yet. */
export type StoppedExport = {
  readonly status: 'stopped';
  readonly run: RunSoFar | null;
} & (
  | { readonly by: 'signal'; readonly exitCode: 130 }
  | { readonly by: 'max-duration'; readonly exitCode: 7 }
);

/** `retryFailed` found nobody to pull again. */
export interface NothingToExport {
  readonly status: 'nothing-to-retry';
  readonly exitCode: 0;
  readonly run: null;
}

/** How an export ended; `exitCode` is what the command would have ended with. */
export type ExportOutcome = FinishedExport | StoppedExport | NothingToExport;
