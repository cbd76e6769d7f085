import type { UnexportedUserRow } from '../../rows/tables.ts';
import type { RunRecord } from './destination.ts';
import type { Timeline } from './timeline.ts';
import type { Verification } from './verification.ts';
import type { Waiting } from './waiting.ts';

/** The settings for reading a destination. */
export type ReadSettings = {
  /** Certificates for the connection to it: an absolute path, or null. */
  readonly caFile: string | null;
  /** How long others may keep the look waiting. */
  readonly waiting?: Waiting | undefined;
};

/** A run, as its destination stores it. */
export type ArchivedRun = {
  /** With the counts of all chunks committed so far. */
  readonly record: RunRecord;
  /** Users of the plan who are processed. */
  readonly usersDone: number;
};

/** A process that worked on an attempt of a shared run. Instants are ISO 8601, by the destination's clock. */
export type ArchivedWorker = {
  readonly attempt: number;
  /** Its number in the attempt, from 1. */
  readonly worker: number;
  /** Its host and the number of its process. */
  readonly host: string;
  readonly startedAt: string;
  readonly lastSeenAt: string;
  /** Null while it works, and if it was killed. */
  readonly leftAt: string | null;
  readonly isAtWork: boolean;
  /** What it has committed: chunks, users, and the calls for them. */
  readonly chunks: number;
  readonly usersDone: number;
  readonly calls: number;
};

/** Selects runs: of one app, of one job, or all. */
export type RunFilter = { readonly sdkAppId: number | null; readonly job: string | null };

/** `whole`: runs of a whole list, without retry runs and without runs that `--limit` shortened. */
export type WhichFinished = { readonly whole: boolean };

/**
 * The runs in a destination. They are read without the destination's lock and without writing anything, so that a run at work is
 * not disturbed.
 */
export interface RunArchive {
  /** The destination as written in the job, without secrets. */
  readonly name: string;
  /** The newest runs first, at most `most`. */
  runs(filter: RunFilter, most: number): Promise<readonly ArchivedRun[]>;
  /** The newest run that is finished, or null. */
  lastFinished(filter: RunFilter, which?: WhichFinished): Promise<ArchivedRun | null>;
  /** A run by its number, or null. */
  find(runId: number): Promise<ArchivedRun | null>;
  /** Users whom a run has not exported, streamed; those not in the app come last. */
  unexported(run: ArchivedRun): AsyncIterable<UnexportedUserRow>;
  /** The failed ones among them whom no later run has exported: all but those not in the app. */
  failed(run: ArchivedRun): AsyncIterable<UnexportedUserRow>;
  /**
   * The timelines of a run's attempts, in order, as far as they were stored; those of the processes of one attempt are merged.
   * Earlier versions stored none.
   */
  timelines(run: ArchivedRun): Promise<readonly Timeline[]>;
  /** The processes that worked on the run, in order; none when it was not shared. */
  workers(run: ArchivedRun): Promise<readonly ArchivedWorker[]>;
  /** The process at work on this run now, in words; null when there is none, even if another run has the lock. */
  atWork(run: ArchivedRun): Promise<string | null>;
  /** The process at work on any run that writes to the place of this app's rows, in words; null when there is none. */
  holder(sdkAppId: number): Promise<string | null>;
  /** Compares a run's record with the present rows or files, one check after the other. */
  checks(run: ArchivedRun): AsyncIterable<Verification>;
  /**
   * Users whose rows differ between two runs, in the order of their IDs, streamed.
   * @throws {InvalidDestination} when the rows at that time are not known
   */
  changes(run: ArchivedRun, since: number): AsyncIterable<UserChanges>;
  close(): Promise<void>;
}

/** The differences of one user's rows between two runs. */
export type UserChanges = {
  readonly userId: string;
  readonly conversations: ConversationChanges;
  readonly contactGroups: ContactGroupChanges;
  readonly memberships: Movement;
};

/** Rows that were added, and rows that were removed. */
export type Movement = { readonly joined: number; readonly left: number };

/** `marked`: the standard or the custom mark differs. `otherwise`: any other difference. */
export type ConversationChanges = Movement & { readonly marked: number; readonly otherwise: number };

export type ContactGroupChanges = Movement & { readonly renamed: number; readonly otherwise: number };
