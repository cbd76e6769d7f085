import type { UnexportedUserRow } from '../../rows/tables.ts';
import type { RunRecord } from './destination.ts';
import type { Timeline } from './timeline.ts';
import type { UserChanges } from './user-changes.ts';
import type { Verification } from './verification.ts';

/** A run as its destination remembers it. */
export type ArchivedRun = {
  /** With the counts of all chunks committed so far. */
  readonly record: RunRecord;
  /** Users of the plan that are done with. */
  readonly usersDone: number;
};

/** Which runs: of one app, of one job, or all. */
export type RunFilter = { readonly sdkAppId: number | null; readonly job: string | null };

/** `whole`: of a whole list, so no run that only retries another one, and none that `--limit` kept short. */
export type WhichFinished = { readonly whole: boolean };

/**
 * What has run in a destination. It is read without the destination's lock and without writing anything, so that a run
 * at work is not disturbed.
 */
export interface RunArchive {
  /** As people wrote it, without secrets. */
  readonly name: string;
  /** The newest runs first, `most` at most. */
  runs(filter: RunFilter, most: number): Promise<readonly ArchivedRun[]>;
  /** The newest run that is finished, or null. */
  lastFinished(filter: RunFilter, which?: WhichFinished): Promise<ArchivedRun | null>;
  /** A run by its number, or null. */
  find(runId: number): Promise<ArchivedRun | null>;
  /** Users whom a run has not exported, read as they are asked for; those not in the app come last. */
  unexported(run: ArchivedRun): AsyncIterable<UnexportedUserRow>;
  /** Those of them who failed, and whom no later run has mended: all but those not in the app. */
  failed(run: ArchivedRun): AsyncIterable<UnexportedUserRow>;
  /** What the attempts of a run saw, one after the other, as far as it was kept: those of earlier versions kept none. */
  timelines(run: ArchivedRun): Promise<readonly Timeline[]>;
  /** Who works on this very run now, in words; null when nobody does, whoever else has the destination's lock. */
  atWork(run: ArchivedRun): Promise<string | null>;
  /** Who works on any run that writes where this app's rows are, in words; null when nobody does. */
  holder(sdkAppId: number): Promise<string | null>;
  /** What a run's record says of rows or files, held against them as they are now, one after the other. */
  checks(run: ArchivedRun): AsyncIterable<Verification>;
  /**
   * Users whose rows are others as of a run than as of an earlier one, in the order of their IDs, read as they are asked for.
   * @throws {InvalidDestination} when it is not known what the rows were
   */
  changes(run: ArchivedRun, since: number): AsyncIterable<UserChanges>;
  close(): Promise<void>;
}
