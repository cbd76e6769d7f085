import type { SlotLeases } from '../../resilience/slot-leases.ts';
import type { UserRows } from '../../rows/normalize.ts';
import type { UnexportedUserRow } from '../../rows/tables.ts';
import type { ChangeTotals, RunCounts } from './counts.ts';
import type { Erased, UserToErase } from './erasure.ts';
import type { Scratch } from './scratch.ts';
import type { FirstCall, Halt, OthersReport, WorkerNews, WorkerReport } from './sharing.ts';
import type { SuppressedUsers } from './suppressed-users.ts';
import type { Timeline } from './timeline.ts';

/** The properties that must stay the same for a run to be resumed. */
export type RunIdentity = {
  readonly job: string;
  readonly sdkAppId: number;
  readonly endpoint: string;
  readonly rowFormat: number;
  /** Identifies the key of the pseudonyms; null when IDs are written unchanged. */
  readonly keyFingerprint: string | null;
  /** Whether names of contact groups, custom marks and unknown fields are left out. */
  readonly freeTextDropped: boolean;
};

/**
 * The counts of the user list that a plan was made from. Every line is counted once: `lines = users + beyondLimit + duplicates +
 * bad + blank + suppressed`.
 */
export type ListFacts = {
  /** Lines of the list, or its rows if it is CSV or a query; without the header. */
  readonly lines: number;
  /** Users in the plan, each once. */
  readonly users: number;
  /** Further distinct users of the list, whom `--limit` left out. */
  readonly beyondLimit: number;
  /** Lines that repeat a user of an earlier line. */
  readonly duplicates: number;
  /** Invalid lines that were skipped, as `--max-bad-lines` allows. */
  readonly bad: number;
  readonly blank: number;
  /** Distinct users of the list whom the destination suppresses. */
  readonly suppressed: number;
  readonly digest: string;
};

/** Why an attempt ended before its run did. An `error` or a `guard` comes with its message, which can contain user IDs. */
export type StopCause = Pick<RunRecord, 'stopReason' | 'error'>;

/** A run, as its destination stores it. Instants are ISO 8601, UTC. */
export type RunRecord = RunIdentity & {
  readonly runId: number;
  readonly status: 'running' | 'finished' | 'abandoned';
  readonly startedAt: string;
  readonly finishedAt: string | null;
  /**
   * Why its last attempt ended before the run did: a signal's name, `abort` (by a program that calls the library),
   * `max_duration`, `guard`, or `error`. Null when the run finished or is at work, or when the attempt was killed.
   */
  readonly stopReason: string | null;
  /** The message of the error that ended its last attempt. Null when `stopReason` is not `error` or `guard`. */
  readonly error: string | null;
  /** The run whose failed users are the plan of this one; null for a run of a whole list. */
  readonly retryOfRun: number | null;
  /** The number of attempts. */
  readonly attempts: number;
  readonly list: ListFacts;
  readonly chunkSize: number;
  readonly counts: RunCounts;
};

export type NewRun = RunIdentity & Pick<RunRecord, 'list' | 'chunkSize' | 'retryOfRun'>;

/** A part of a run's plan. Its users are pulled and committed together, and pulled again together after a crash. */
export type Chunk = {
  /** From 1, in the order of the plan. */
  readonly number: number;
  /** 2 for users who were deferred in pass 1. */
  readonly pass: 1 | 2;
  /** In the form of the plan. With pseudonyms, each is the pseudonym, a dot, and the encrypted ID. */
  readonly userIds: readonly string[];
  /** Of a shared run: aborted when another process pulls the chunk now. */
  readonly lost?: AbortSignal;
};

/** One user's rows in the form that the run writes: a few buffers instead of many objects. */
export type EncodedUser = {
  readonly userId: string;
  /** The approximate size of the content. */
  readonly bytes: number;
  /**
   * Moves the content out of memory, if there is room. It is committed in any case.
   * @returns whether it was moved
   * @internal the types of the package need no types of Node.js
   */
  moveTo(scratch: Scratch): boolean;
};

/** The outcome of every user of a chunk, and the cost of its calls. */
export type ChunkResult = {
  readonly chunk: Chunk;
  /** As encoded by this run. */
  readonly exported: readonly EncodedUser[];
  readonly unexported: readonly UnexportedUserRow[];
  /** Users deferred to the second pass. */
  readonly deferred: readonly string[];
  /** Users whom the run did not reach before it was asked to stop. They become a chunk of the same pass. */
  readonly remaining: readonly string[];
  readonly counts: RunCounts;
  /** Whether the rows of users who left the app are removed. */
  readonly removeNotInApp: boolean;
};

/** The effect of a commit on one user's rows, all tables together. */
export type RowChange = {
  readonly before: number;
  readonly after: number;
  /** The sum of the decreases of the tables that shrink. */
  readonly lost: number;
};

/** Exported users, also those without rows, and their rows. */
export type UsersAndRows = { readonly users: number; readonly rows: number };

/** A destination's rows of earlier runs, which a run may replace and remove. */
export interface ExistingRows {
  /** The effect of a chunk's commit on the rows of each user who is neither failed nor deferred. */
  previewCommit(result: ChunkResult): Promise<readonly RowChange[]>;
  /**
   * The changes of the chunks that the run has committed last, whatever attempt or process committed them: of as many as have so
   * many users together, without the chunks of these numbers.
   */
  committedChanges(users: number, except: readonly number[]): Promise<ChangeTotals>;
  /** How many exported users the commit of a chunk would remove because they left the app. Users without rows count. */
  usersToRemove(result: ChunkResult): Promise<number>;
  /** Exported users outside the run's plan, and all exported users before the run. */
  usersNotInPlan(): Promise<{ readonly outside: UsersAndRows; readonly before: UsersAndRows }>;
}

/** The committed chunks of a run, according to its ledger. */
export type Committed = {
  /** Users whose chunks are committed. */
  readonly usersDone: number;
  readonly counts: RunCounts;
};

/** `incomplete`: the ledger has less than was committed, so `openChunks` returns chunks again. */
export type RunEnd =
  | { readonly kind: 'finished'; readonly record: RunRecord }
  | { readonly kind: 'incomplete'; readonly committed: Committed };

/** While other processes of a shared run hold all chunks that are left, this one waits. */
export type WaitingForChunks = {
  /** Called again and again while this process waits. The others may wait for chunks that are open here. */
  readonly onIdle: () => void;
  /** Whether this process claims no chunk for now. */
  readonly isPaused: () => boolean;
  /** Ends the waiting. */
  readonly ended: AbortSignal;
};

/** Calls of others, and when they were read, ms of the monotonic clock. */
export type CallsElsewhere = { readonly calls: number; readonly at: number };

/** A run that several processes pull. Its figures are of the whole run, and a few seconds old at most. */
export interface SharedRun {
  /** The number of this process among those that worked on the attempt, from 1. */
  readonly worker: number;
  /** Processes at work, this one included. */
  readonly workers: number;
  readonly committed: Committed;
  /** Where the workers lease the slots of the app's quota. */
  readonly leases: SlotLeases;
  /** Whether the API has answered another process within the last half minute. */
  readonly othersReachApi: boolean;
  /** Whether the API has accepted a call of any process. */
  readonly isApiReached: boolean;
  /** The part of it that the other processes committed in this attempt, and the part of earlier attempts and this process. */
  readonly committedElsewhere: Committed;
  readonly committedHere: Committed;
  readonly others: OthersReport;
  /** Whether all chunks that others have open wait for a guard, and have done so for some seconds: no more users come. */
  readonly doAllOthersWait: boolean;
  /** Brings what is known of the others up to date, if the database answers. */
  hearOthers(): Promise<void>;
  /** Sends the others this report at each refresh. */
  reportWith(report: () => WorkerReport): void;
  /** The calls that the other processes made in this attempt, as they said last. */
  readonly callsElsewhere: CallsElsewhere;
  /** Whether others are at work on the run; once this process has stopped, whether others were then. */
  readonly isRunningElsewhere: boolean;
  /** Aborted, with a {@link Halt} as its reason, when another worker has ended the run for all. */
  readonly halted: AbortSignal;
  /** How long the attempt might still take when this process came, ms; null without a limit. */
  readonly leftMs: number | null;
  /** Calls `listener` after each refresh of the figures. */
  onRefresh(listener: () => void): void;
  /** The others learn from time to time how many calls this process has made. */
  announceCalls(made: () => number): void;
  /** Gives a chunk back of which nothing was committed: another worker can claim it at once. */
  giveBack(chunk: number): Promise<void>;
  /** Waits until this worker may call: one call goes first, by one of the workers. */
  firstCall(stop: AbortSignal): Promise<FirstCall>;
  /** Records that the API has accepted a call: the other workers may call, too. */
  apiReached(): Promise<void>;
  /**
   * Makes sure that no other worker ends the run at the same time.
   * @param stop ends the wait for another worker that ends it
   * @returns the record, if another worker has finished the run by now; null if not, or when `stop` was aborted before
   */
  beginEnd(stop: AbortSignal): Promise<RunRecord | null>;
  /** Lets other workers end the run, or join it: part of the plan is still open. */
  postponeEnd(): Promise<void>;
  /**
   * Records that this worker has left, and waits some seconds until the others have. The run is over for all of them: each stores
   * its timeline before it leaves, and who reports on the run reads all of them.
   */
  leaveTogether(): Promise<void>;
  /** Ends the run for all workers. @returns false when another worker has done so already */
  halt(why: Halt): Promise<boolean>;
}

/** A run at work. Its plan is durable, and no other process may commit to it. */
export interface RunWriter {
  /** The record when the run was opened, with the counts of all chunks committed so far. */
  readonly record: RunRecord;
  /** Users whose chunks are committed already. */
  readonly usersDone: number;
  /** Null when there are none: files hold only what their own run exported. */
  readonly earlier: ExistingRows | null;
  /** The other processes that pull the run; null when it belongs to this process alone. */
  readonly shared: SharedRun | null;
  /** The uncommitted chunks of a pass, in order, streamed. */
  openChunks(pass: 1 | 2, waiting?: WaitingForChunks): AsyncIterable<Chunk>;
  /**
   * Encodes one user's rows for a commit, so that the rows themselves can be freed at once.
   * @param more further rows of the user, which exist only while they are read
   */
  encode(user: UserRows, more?: Iterable<UserRows>): EncodedUser;
  /**
   * Makes a chunk durable, all of it or nothing: rows, unexported users and ledger entry.
   * @param changes to rows of earlier runs, for `committedChanges`
   * @returns its counts, with those that only the destination knows; null when nothing was written: the destination has lost the
   * chunk's part of the plan (`finish` returns what is left to do), or another process pulls the chunk now
   */
  commit(result: ChunkResult, changes?: ChangeTotals | null): Promise<RunCounts | null>;
  /** Makes chunks of pass 2 from the deferred users, durably; does nothing when that was done already. */
  planSecondPass(): Promise<void>;
  /**
   * Ends the run if its ledger accounts for every user of the plan: the export is then the destination's content. The record's
   * counts come from the ledger, and the record is read again before it is returned.
   * @param how `prune`: whether the rows of users who are not in the plan are removed
   * @throws {DestinationError} when the ledger or the plan was damaged, so that pulling cannot complete the run
   */
  finish(how?: { readonly prune: boolean }): Promise<RunEnd>;
  /**
   * Replaces this attempt's stored timeline, beside those of the run's other attempts. It does not wait for an unavailable
   * destination, since the run does not depend on it. If `finish` publishes files, nothing can be stored afterwards.
   */
  saveTimeline(timeline: Timeline): Promise<void>;
  /**
   * Records why the run stops before its end, with this attempt's timeline. Also works after other work was given up, within a
   * short time or not at all.
   */
  stop(why: StopCause, timeline?: Timeline): Promise<void>;
}

/** The state before an attempt that may wait got the lock. It was read before the lock was first tried. */
export type BeforeLock = {
  readonly run: RunRecord | null;
  /** Whether the holder of the lock worked on that run. It may have finished it, and not released the lock yet. */
  readonly isAtWork: boolean;
  /** As in `Destination`. */
  readonly otherJobs: readonly string[];
  readonly storedKeyFingerprint: Pick<RunIdentity, 'keyFingerprint'> | null;
  /** How long the attempt waited, ms; null when the lock was free. */
  readonly waitedMs: number | null;
};

/**
 * Where rows go. It is opened for one app and holds that app's lock until it is closed. It keeps a record of its runs, also if it
 * keeps no rows: messages say that the same command resumes a run, and that failed users are listed in `unexported_users`.
 */
/** What a process does when it meets the others of a shared run. */
export type Entry =
  /** Others are at work on the job's run, and this process has joined them. */
  | { readonly kind: 'join'; readonly run: RunWriter }
  /** The others have finished the job's run since this process opened the destination. */
  | { readonly kind: 'finished'; readonly record: RunRecord }
  /** Another process has ended the run for all since this process opened the destination. */
  | { readonly kind: 'halted'; readonly halt: Halt }
  /** No other process is at work: this one resumes or starts the run. Others wait until `done`. */
  | { readonly kind: 'plan'; readonly done: () => Promise<void> };

/** A destination that several processes may open for one app at the same time. */
export interface Sharing {
  /**
   * Meets the processes that pull the job's run. It waits while another one plans.
   * @param how `isFresh`: plan a new run in any case, and so end the one that others pull; `mayJoin`: throws when this process
   * must not join the run, before it counts as one of its workers
   */
  enter(
    job: string,
    how: { readonly isFresh: boolean; readonly mayJoin: (run: RunRecord) => void },
  ): Promise<Entry>;
}

export interface Destination {
  /** As people wrote it, without secrets. */
  readonly name: string;
  /** Null unless it was opened to be shared. */
  readonly sharing: Sharing | null;
  /** The state before the lock was there; null where an attempt did not want to wait for it. */
  readonly beforeLock: BeforeLock | null;
  /** The last run of a job, or null. */
  lastRun(job: string): Promise<RunRecord | null>;
  /** A run by its number, or null. */
  findRun(runId: number): Promise<RunRecord | null>;
  /**
   * How long ago the last attempt of any job of the app may have called, ms by the destination's own clock. 0 when the end of
   * that attempt is unknown; below 0 when the clock was set back; null when there was no attempt.
   */
  lastCallsMsAgo(): Promise<number | null>;
  /** Other jobs that have exported this app here, by name; a few of them when there are many. */
  otherJobs(job: string): Promise<readonly string[]>;
  /** The finished run of another job whose export a new run of this job would replace; null when it replaces none. */
  replaced(job: string): Promise<RunRecord | null>;
  /**
   * The key of the pseudonyms in this app's rows, according to the runs. `keyFingerprint` is null when IDs are written unchanged.
   * Null when there are no rows.
   * @param of `rows-and-plans`: without rows, the plan of an unfinished run counts
   */
  storedKeyFingerprint(of?: 'rows' | 'rows-and-plans'): Promise<Pick<RunIdentity, 'keyFingerprint'> | null>;
  /** A user of this app who was exported here, by an unfinished or an earlier run; null when there is none. */
  someExportedUser(): Promise<string | null>;
  /** Starts a run: its plan is durable when this resolves. */
  begin(run: NewRun, users: Iterable<readonly string[]>): Promise<RunWriter>;
  /** Resumes an unfinished run. */
  resume(run: RunRecord): Promise<RunWriter>;
  /** Closes an unfinished run for good. Its committed rows stay. */
  abandon(run: RunRecord): Promise<void>;
  /** The suppressed users of this app. */
  suppressed(): Promise<SuppressedUsers>;
  /**
   * Removes everything here of a user of this app, and suppresses the user. Run again, it removes what is left.
   * @param how `dryRun`: only report what would change
   */
  erase(user: UserToErase, how: { readonly dryRun: boolean }): Promise<Erased>;
  /**
   * Lets later runs pull an erased user again.
   * @param name the user's name in rows
   * @returns false for a user who was not suppressed
   */
  unsuppress(name: string): Promise<boolean>;
  close(): Promise<void>;
}

/** The events of a destination at work. */
export type DestinationEvents = {
  /** It is unavailable (with the last error), or has recovered (null). */
  readonly onOutage: (outage: { readonly cause: unknown; readonly forMs: number } | null) => void;
  readonly onNotice: (message: string) => void;
  readonly onWorker?: (news: WorkerNews) => void;
};
