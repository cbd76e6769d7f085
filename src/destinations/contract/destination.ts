import type { UserRows } from '../../rows/normalize.ts';
import type { UnexportedUserRow } from '../../rows/tables.ts';
import type { RunCounts } from './counts.ts';
import type { Erased, UserToErase } from './erasure.ts';
import type { Scratch } from './scratch.ts';
import type { SuppressedUsers } from './suppressed-users.ts';
import type { Timeline } from './timeline.ts';

/** What must stay the same for a run to go on. */
export type RunIdentity = {
  readonly job: string;
  readonly sdkAppId: number;
  readonly endpoint: string;
  readonly rowFormat: number;
  /** Tells the key of the pseudonyms that stand for IDs; null where IDs are written as they are. */
  readonly keyFingerprint: string | null;
  /** Whether names of contact groups, custom marks and unknown fields are left out. */
  readonly freeTextDropped: boolean;
};

/**
 * What is known of the user list that a plan was made from. Every line is one of these, so
 * `lines = users + beyondLimit + duplicates + bad + blank + suppressed`.
 */
export type ListFacts = {
  /** Lines of the list, or its rows where it is CSV or a query; without the header. */
  readonly lines: number;
  /** Users in the plan, each once. */
  readonly users: number;
  /** Further users of the list, each once, whom `--limit` left out. */
  readonly beyondLimit: number;
  /** Lines that repeat a user of an earlier line. */
  readonly duplicates: number;
  /** Lines that could not be used and were left out, as `--max-bad-lines` allows. */
  readonly bad: number;
  readonly blank: number;
  /** Users of the list, each once, whom the destination suppresses. */
  readonly suppressed: number;
  readonly digest: string;
};

/** Why an attempt ended before its run did; an `error` goes with its message, which can name users. */
export type StopCause = Pick<RunRecord, 'stopReason' | 'error'>;

/** A run as its destination remembers it. Instants are ISO 8601, UTC. */
export type RunRecord = RunIdentity & {
  readonly runId: number;
  readonly status: 'running' | 'finished' | 'abandoned';
  readonly startedAt: string;
  readonly finishedAt: string | null;
  /**
   * Why its last attempt ended before the run did: a signal's name, `abort` (by a program that calls the library),
   * `max_duration`, or `error`. Null when the run finished or is at work, or when the attempt was killed.
   */
  readonly stopReason: string | null;
  /** The message of the error that ended its last attempt. Null when `stopReason` is not `error`. */
  readonly error: string | null;
  /** The run whose failed users are the plan of this one; null for a run of a whole list. */
  readonly retryOfRun: number | null;
  /** How many times a program was started for it. */
  readonly attempts: number;
  readonly list: ListFacts;
  readonly chunkSize: number;
  readonly counts: RunCounts;
};

export type NewRun = RunIdentity & Pick<RunRecord, 'list' | 'chunkSize' | 'retryOfRun'>;

/** A part of a run's plan: what is pulled, committed and, after a crash, pulled again together. */
export type Chunk = {
  /** From 1, in the order of the plan. */
  readonly number: number;
  /** 2 for users who were deferred in pass 1 and get their last chance. */
  readonly pass: 1 | 2;
  /** As the plan holds them: with pseudonyms, each is one, a dot, and the ID encrypted. */
  readonly userIds: readonly string[];
};

/** One user's rows as the run that encoded them writes them: a few buffers rather than many objects. */
export type EncodedUser = {
  readonly userId: string;
  /** What it holds, roughly. */
  readonly bytes: number;
  /**
   * Moves what it holds out of memory, if there is room; it is committed all the same.
   * @returns whether it did
   * @internal the types of the package need no types of Node.js
   */
  moveTo(scratch: Scratch): boolean;
};

/** What became of every user of a chunk, and what its calls cost. */
export type ChunkResult = {
  readonly chunk: Chunk;
  /** As this very run has encoded them. */
  readonly exported: readonly EncodedUser[];
  readonly unexported: readonly UnexportedUserRow[];
  /** Users left for the second pass. */
  readonly deferred: readonly string[];
  /** Users whom the run did not get to before it was asked to stop: they become a chunk of the same pass. */
  readonly remaining: readonly string[];
  readonly counts: RunCounts;
  /** Whether the rows of users who are no longer in the app are removed. */
  readonly removeNotInApp: boolean;
};

/** What a commit would do to one user's rows, all tables together. */
export type RowChange = {
  readonly before: number;
  readonly after: number;
  /** By how many rows the tables shrink that shrink. */
  readonly lost: number;
};

/** Exported users, those without rows too, and their rows. */
export type UsersAndRows = { readonly users: number; readonly rows: number };

/** A destination's rows of earlier runs, which a run may replace and remove. */
export interface ExistingRows {
  /** What committing a chunk would do to the rows of each of its users who is not failed or put off. */
  previewCommit(result: ChunkResult): Promise<readonly RowChange[]>;
  /** How many exported users committing a chunk would remove because they are not in the app; those without rows count. */
  usersToRemove(result: ChunkResult): Promise<number>;
  /** Exported users who are not in the run's plan, and all who were there before the run. */
  usersNotInPlan(): Promise<{ readonly outside: UsersAndRows; readonly before: UsersAndRows }>;
}

/** The committed chunks of a run, as its ledger tells them. */
export type Committed = {
  /** Users whose chunks are committed. */
  readonly usersDone: number;
  readonly counts: RunCounts;
};

/** `incomplete`: the ledger has less than was committed, so `openChunks` has chunks again. */
export type RunEnd =
  | { readonly kind: 'finished'; readonly record: RunRecord }
  | { readonly kind: 'incomplete'; readonly committed: Committed };

/** A run at work: its plan is durable, and nobody else may commit to it. */
export interface RunWriter {
  /** As it was when it was opened, with the counts of all chunks committed so far. */
  readonly record: RunRecord;
  /** Users whose chunks are committed already. */
  readonly usersDone: number;
  /** Null where there are none: files hold what their own run exported. */
  readonly earlier: ExistingRows | null;
  /** The chunks of a pass that are not committed, in order, read as they are asked for. */
  openChunks(pass: 1 | 2): AsyncIterable<Chunk>;
  /**
   * Turns one user's rows into what a commit will write, so that the rows themselves can be let go at once.
   * @param more further rows of the user, which are there only while they are looked at
   */
  encode(user: UserRows, more?: Iterable<UserRows>): EncodedUser;
  /**
   * Makes a chunk durable whole: rows, unexported users and ledger, or nothing of it.
   * @returns its counts, with what only the destination can tell; null when the destination has lost the part of the plan
   * that the chunk is of, so that nothing was written: `finish` says what is left to do
   */
  commit(result: ChunkResult): Promise<RunCounts | null>;
  /** Cuts the users put off into chunks of pass 2, durably; does nothing when that was done already. */
  planSecondPass(): Promise<void>;
  /**
   * Ends the run if its ledger accounts for every user of the plan: what it exported is now the destination's content.
   * The record's counts are the ledger's, and it is read again before it is returned.
   * @param how `prune`: whether the rows of users who are not in the plan are removed
   * @throws {DestinationError} when the ledger or the plan was damaged, so that pulling cannot complete the run
   */
  finish(how?: { readonly prune: boolean }): Promise<RunEnd>;
  /**
   * Keeps what this attempt has seen so far, in place of what was kept of it before, beside that of the run's other attempts. Nothing
   * is waited for: the run does not depend on it. Where `finish` publishes, there is nothing more to keep after it.
   */
  saveTimeline(timeline: Timeline): Promise<void>;
  /**
   * Records why the run stops before its end, with what this attempt saw, also after work was given up: soon, or not at all.
   */
  stop(why: StopCause, timeline?: Timeline): Promise<void>;
}

/** Where rows go. It is opened for one app and holds that app's lock until it is closed. */
export interface Destination {
  /** As people wrote it, without secrets. */
  readonly name: string;
  /** The last run of a job, or null. */
  lastRun(job: string): Promise<RunRecord | null>;
  /** A run by its number, or null. */
  findRun(runId: number): Promise<RunRecord | null>;
  /**
   * How long ago the last attempt of any job of the app may have called, ms by the destination's own clock. 0 where nothing tells
   * when that attempt ended; below 0 where the clock was set back; null where there was no attempt.
   */
  lastCallsMsAgo(): Promise<number | null>;
  /** Other jobs that have exported this app here, by name; a few of them when there are many. */
  otherJobs(job: string): Promise<readonly string[]>;
  /** The finished run of another job whose export a new run of this job would replace; null where it replaces none. */
  replaced(job: string): Promise<RunRecord | null>;
  /**
   * Under which key the IDs of this app's rows are pseudonyms, as far as runs tell: `keyFingerprint` is null where they are as the API
   * says them. Null where there are no rows.
   * @param of `rows-and-plans`: where there are no rows, those of an unfinished run's plan count
   */
  storedKeyFingerprint(of?: 'rows' | 'rows-and-plans'): Promise<Pick<RunIdentity, 'keyFingerprint'> | null>;
  /** A user of this app who was exported here, in an unfinished run or a former one; null when there is none. */
  someExportedUser(): Promise<string | null>;
  /** Begins a run: its plan is durable when this resolves. */
  begin(run: NewRun, users: Iterable<readonly string[]>): Promise<RunWriter>;
  /** Goes on with an unfinished run. */
  resume(run: RunRecord): Promise<RunWriter>;
  /** Closes an unfinished run for good; what it committed stays. */
  abandon(run: RunRecord): Promise<void>;
  /** The users of this app who are not to be pulled. */
  suppressed(): Promise<SuppressedUsers>;
  /**
   * Removes all that is here of a user of this app, and remembers not to pull the user again. Done again, it removes what is left.
   * @param how `dryRun`: nothing is changed, and what would be is told
   */
  erase(user: UserToErase, how: { readonly dryRun: boolean }): Promise<Erased>;
  /**
   * Lets later runs pull a user again who was erased.
   * @param name what rows call the user
   * @returns false for a user who was not
   */
  unsuppress(name: string): Promise<boolean>;
  close(): Promise<void>;
}

/** What a destination tells while it works. */
export type DestinationEvents = {
  /** It went away (with what was seen), or came back (null). */
  readonly onOutage: (outage: { readonly cause: unknown; readonly forMs: number } | null) => void;
  readonly onNotice: (message: string) => void;
};
