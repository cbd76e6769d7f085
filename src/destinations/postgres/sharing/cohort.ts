import { camelKeys, snakeKeys } from '../../../json/key-case.ts';
import type { SlotLeases } from '../../../resilience/slot-leases.ts';
import { timeSpan } from '../../../text/format.ts';
import { addChanges, NO_CHANGES } from '../../contract/counts.ts';
import type { CallsElsewhere, Committed, RunRecord, SharedRun } from '../../contract/destination.ts';
import { AbortedByStop } from '../../contract/destination-error.ts';
import type { FirstCall, Halt, OthersReport, WorkerNews, WorkerReport } from '../../contract/sharing.ts';
import type { Attempt } from '../ledger/fence.ts';
import type { SchemaTables } from '../schema/schema-tables.ts';
import type { BossDatabase } from './pg-boss.ts';
import { pollUntil, unlessLost } from './poll.ts';
import { endSilentCommits } from './silent-workers.ts';
import {
  addCommitted,
  committedBy,
  doAllWait,
  haltOf,
  IS_AT_WORK,
  NOTHING_COMMITTED,
  SILENT_AFTER_MS,
} from './worker-state.ts';
import { type SeenWorker, WorkerWatch } from './worker-watch.ts';

const REFRESH_EVERY_MS = 3_000;
const ASK_EVERY_MS = 250;
// Longer than a call takes that the API answers.
const FIRST_CALL_WITHIN_MS = 15_000;
const RECENT_MS = 30_000;
const HALT_WITHIN_MS = 60_000;
// Two refreshes of each, and the time in which the chunks of a dead worker come back.
const ALL_WAIT_FOR_MS = 7_000;
// A worker notices within three seconds that the run is over.
const LEAVE_WITHIN_MS = 6_000;

export type CohortOptions = {
  readonly database: BossDatabase;
  readonly tables: SchemaTables;
  readonly attempt: Attempt;
  /** Waits until no other worker can end the run. */
  readonly takePlanLock: (stop: AbortSignal) => Promise<void>;
  readonly releasePlanLock: () => Promise<void>;
  readonly readRecord: () => Promise<RunRecord | null>;
  /** What earlier attempts committed. */
  readonly before: Committed;
  /** As in `SharedRun`. */
  readonly leases: SlotLeases;
  readonly leftMs: number | null;
  readonly giveBack: (chunk: number) => Promise<void>;
  /** The number of chunks that this worker has claimed. */
  readonly openChunks: () => number;
  readonly onWorker: (news: WorkerNews) => void;
  readonly onNotice: (message: string) => void;
};

type State = {
  readonly exit_code: number | null;
  readonly error: string | null;
  readonly workers: number;
  /** How long ago this worker last gave a sign of life, before this one, ms by the server's clock. */
  readonly silent_ms: number | null;
  readonly others:
    | readonly (SeenWorker & {
        readonly users_done: number;
        readonly counts: object | null;
        readonly report: object | null;
        readonly seen_ms_ago: number;
        readonly calls_sent: number;
      })[]
    | null;
  readonly api_reached: boolean;
};

/** The workers of one attempt, as one of them sees them. */
export class Cohort implements SharedRun {
  readonly #options: CohortOptions;
  readonly #halted = new AbortController();
  readonly #listeners: (() => void)[] = [];
  #before: Committed;
  #others: Committed = NOTHING_COMMITTED;
  #mine: Committed = NOTHING_COMMITTED;
  #workers = 1;
  #callsMade = (): number => 0;
  #callsElsewhere: CallsElsewhere = { calls: 0, at: performance.now() };
  readonly #watch: WorkerWatch;
  /** Whether others were at work when this worker left. */
  #leftOthers: boolean | null = null;
  #isClosed = false;
  #timer: NodeJS.Timeout | null = null;
  /** When this worker first wanted to call. */
  #wantsToCallSince: number | null = null;
  #hasReached = false;
  #isApiReached = false;
  #report: (() => WorkerReport) | null = null;
  #othersReport: OthersReport = { hasKnownUser: false, waiting: NO_CHANGES };
  /** When the API last answered one of the others. */
  #othersAnsweredAt = Number.NEGATIVE_INFINITY;
  /** Since when all chunks of the others have been seen to wait for a guard. */
  #allWaitSince: number | null = null;

  constructor(options: CohortOptions) {
    this.#options = options;
    this.#before = options.before;
    this.#watch = new WorkerWatch(options.attempt.worker);
  }

  get worker(): number {
    return this.#options.attempt.worker;
  }

  get workers(): number {
    return this.#workers;
  }

  get leftMs(): number | null {
    return this.#options.leftMs;
  }

  get leases(): SlotLeases {
    return this.#options.leases;
  }

  get halted(): AbortSignal {
    return this.#halted.signal;
  }

  get committed(): Committed {
    return addCommitted(addCommitted(this.#before, this.#mine), this.#others);
  }

  get committedHere(): Committed {
    return addCommitted(this.#before, this.#mine);
  }

  get othersReachApi(): boolean {
    return performance.now() - this.#othersAnsweredAt < RECENT_MS;
  }

  get isApiReached(): boolean {
    return this.#isApiReached || this.#hasReached;
  }

  get others(): OthersReport {
    return this.#othersReport;
  }

  get doAllOthersWait(): boolean {
    return this.#allWaitSince !== null && performance.now() - this.#allWaitSince >= ALL_WAIT_FOR_MS;
  }

  async hearOthers(): Promise<void> {
    await unlessLost(() => this.refresh());
  }

  /** The report of this worker, as `run_attempts.report` has it. */
  get report(): string | null {
    return this.#report === null ? null : JSON.stringify(snakeKeys(this.#report()));
  }

  reportWith(report: () => WorkerReport): void {
    this.#report = report;
  }

  async giveBack(chunk: number): Promise<void> {
    await unlessLost(() => this.#options.giveBack(chunk));
  }

  get committedElsewhere(): Committed {
    return this.#others;
  }

  get callsElsewhere(): CallsElsewhere {
    return this.#callsElsewhere;
  }

  get isRunningElsewhere(): boolean {
    return this.#leftOthers ?? this.#workers > 1;
  }

  /** This worker has left. @param isLast whether no other was at work then @param others what they had committed */
  left(isLast: boolean, others: Committed): void {
    this.#leftOthers = !isLast;
    this.#others = others;
  }

  /** What this worker has committed. */
  get mine(): Committed {
    return this.#mine;
  }

  onRefresh(listener: () => void): void {
    this.#listeners.push(listener);
  }

  announceCalls(made: () => number): void {
    this.#callsMade = made;
  }

  /** Keeps the figures fresh until it is closed. */
  start(): void {
    const again = (): void => {
      if (!this.#isClosed) this.#timer = setTimeout(beat, REFRESH_EVERY_MS).unref();
    };
    // An unavailable database is announced by the connection that commits.
    const beat = (): void =>
      void this.refresh()
        .then(() => this.#endSilentCommits())
        .then(again, again);
    again();
  }

  close(): void {
    this.#isClosed = true;
    if (this.#timer !== null) clearTimeout(this.#timer);
  }

  /** Records that this worker has left: the others share its part at once. */
  async leave(): Promise<void> {
    const { database, tables, attempt } = this.#options;
    await database.executeSql(
      `update ${tables.runAttempts} set left_at = clock_timestamp()
       where run_id = $1 and attempt = $2 and worker = $3 and left_at is null`,
      [attempt.runId, attempt.number, attempt.worker],
    );
  }

  /** Records that this worker is alive, and reads what the others did. */
  async refresh(): Promise<void> {
    const { database, tables, attempt } = this.#options;
    const { rows } = await database.executeSql(
      `with seen as (
         update ${tables.runAttempts} set last_seen_at = clock_timestamp(), open_chunks = $5, report = $6, calls_sent = $7
         where run_id = $1 and attempt = $2 and worker = $3
       ), reached as (
         update ${tables.runs} set api_reached = true
         where run_id = $1 and attempts = $2 and $4 and not api_reached
       )
       select r.exit_code, r.error, r.api_reached,
              (select (extract(epoch from clock_timestamp() - last_seen_at) * 1000)::float8
               from ${tables.runAttempts} where run_id = $1 and attempt = $2 and worker = $3) as silent_ms,
              (select count(*)::int from ${tables.runAttempts} a
               where a.run_id = $1 and a.attempt = $2 and a.worker <> $3
                 and ${IS_AT_WORK}) + 1 as workers,
              (select json_agg(json_build_object('users_done', a.users_done, 'calls_sent', a.calls_sent, 'counts', a.counts, 'worker', a.worker,
                 'host', a.host, 'open_chunks', a.open_chunks, 'has_left', a.left_at is not null, 'is_at_work', ${IS_AT_WORK},
                 'report', a.report,
                 'seen_ms_ago', extract(epoch from clock_timestamp() - a.last_seen_at)::float8 * 1000))
               from ${tables.runAttempts} a where a.run_id = $1 and a.attempt = $2 and a.worker <> $3) as others
       from ${tables.runs} r where r.run_id = $1 and r.attempts = $2`,
      [
        attempt.runId,
        attempt.number,
        attempt.worker,
        this.#hasReached,
        this.#options.openChunks(),
        this.report,
        this.#callsMade(),
      ],
    );
    const [state] = rows as State[];
    // Another attempt has taken over: the fence refuses the next commit.
    if (state === undefined) return;
    this.#workers = state.workers;
    // The process was frozen, or the database was unavailable.
    const silentMs = Number(state.silent_ms ?? 0);
    if (silentMs > SILENT_AFTER_MS)
      this.#options.onNotice(
        `this process gave no sign of life for ${timeSpan(silentMs)}; its chunks may have gone to others`,
      );
    this.#isApiReached = state.api_reached;
    this.#others = committedBy(state.others ?? []);
    this.#hear(state.others ?? []);
    const calls = (state.others ?? []).reduce((sum, { calls_sent }) => sum + Number(calls_sent), 0);
    this.#callsElsewhere = { calls, at: performance.now() };
    this.#isHalted(state);
    for (const news of this.#watch.look(state.others ?? [])) this.#options.onWorker(news);
    for (const listener of this.#listeners) listener();
  }

  #hear(others: NonNullable<State['others']>): void {
    const now = performance.now();
    const reports = others.map(({ report, ...seen }) => ({
      ...seen,
      report: report === null ? null : (camelKeys(report) as WorkerReport),
    }));
    const atWork = reports.filter(({ is_at_work: isAtWork }) => isAtWork);
    this.#othersReport = {
      // Also of those that have left: what they pulled was pulled.
      hasKnownUser: reports.some(({ report }) => report?.hasKnownUser === true),
      // A chunk that waited elsewhere is pulled again: it counts where it waits then.
      waiting: atWork.map(({ report }) => report?.waiting ?? NO_CHANGES).reduce(addChanges, NO_CHANGES),
    };
    for (const { report, seen_ms_ago: seenMsAgo } of reports) {
      if (report !== null)
        this.#othersAnsweredAt = Math.max(this.#othersAnsweredAt, now - seenMsAgo - report.answeredMsAgo);
    }
    if (!doAllWait(atWork.map(({ report }) => report))) this.#allWaitSince = null;
    else this.#allWaitSince ??= now;
  }

  async #endSilentCommits(): Promise<void> {
    const { database, tables, attempt } = this.#options;
    await endSilentCommits(database, tables, attempt.runId, attempt.worker);
  }

  /** Counts a chunk that this worker has committed. */
  add(chunk: Committed): void {
    this.#mine = addCommitted(this.#mine, chunk);
  }

  /** Replaces the totals, when the database has lost commits. */
  restart(totals: { readonly before: Committed; readonly mine: Committed }): void {
    this.#before = totals.before;
    this.#mine = totals.mine;
  }

  /**
   * The worker with the lowest number calls first. Each of the others waits some seconds for each one before it, since that one
   * may be frozen, or cut off from the API.
   */
  async firstCall(stop: AbortSignal): Promise<FirstCall> {
    const { database, tables, attempt } = this.#options;
    this.#wantsToCallSince ??= performance.now();
    const since = this.#wantsToCallSince;
    const ask = async (): Promise<FirstCall | null> => {
      const { rows } = await database.executeSql(
        `select r.exit_code, r.error, r.api_reached,
                (select count(*)::int from ${tables.runAttempts}
                 where run_id = $1 and attempt = $2 and worker < $3 and ${IS_AT_WORK}) as before
         from ${tables.runs} r where r.run_id = $1 and r.attempts = $2`,
        [attempt.runId, attempt.number, attempt.worker],
      );
      const [state] = rows as (Pick<State, 'exit_code' | 'error'> & {
        readonly api_reached: boolean;
        readonly before: number;
      })[];
      // The worker that called first was refused. Or another attempt has taken over, which the next commit finds.
      if (state === undefined || this.#isHalted(state)) return null;
      this.#isApiReached = state.api_reached;
      if (state.api_reached) return 'reached';
      return performance.now() - since >= state.before * FIRST_CALL_WITHIN_MS ? 'alone' : null;
    };
    return await pollUntil(ASK_EVERY_MS, stop, () => unlessLost(ask));
  }

  /** Whether a worker has ended the run for all. */
  #isHalted({ exit_code, error }: Pick<State, 'exit_code' | 'error'>): boolean {
    if (exit_code === null) return false;
    if (!this.#halted.signal.aborted) this.#halted.abort(haltOf(exit_code, error));
    return true;
  }

  async apiReached(): Promise<void> {
    this.#hasReached = true;
    await this.refresh();
  }

  async beginEnd(stop: AbortSignal): Promise<RunRecord | null> {
    const { takePlanLock, readRecord } = this.#options;
    try {
      await takePlanLock(stop);
    } catch (error) {
      if (stop.aborted && error instanceof AbortedByStop) return null;
      throw error;
    }
    // Another worker may have ended the run for all, and left.
    await this.hearOthers();
    const record = await readRecord();
    return record?.status === 'finished' ? record : null;
  }

  async postponeEnd(): Promise<void> {
    await this.#options.releasePlanLock();
  }

  async leaveTogether(): Promise<void> {
    const { database, tables, attempt, releasePlanLock } = this.#options;
    const isAlone = async (): Promise<true | null> => {
      const { rows } = await database.executeSql(
        `select from ${tables.runAttempts} where run_id = $1 and attempt = $2 and ${IS_AT_WORK} limit 1`,
        [attempt.runId, attempt.number],
      );
      return rows.length === 0 ? true : null;
    };
    try {
      // Others wait for it before they leave.
      await releasePlanLock();
      await this.leave();
      await pollUntil(ASK_EVERY_MS, AbortSignal.timeout(LEAVE_WITHIN_MS), isAlone);
    } catch {
      // The run has ended, and does not wait for those that take longer, or for an unavailable database.
    }
  }

  async halt({ message, exitCode }: Halt): Promise<boolean> {
    const { database, tables, attempt } = this.#options;
    // The others would commit what this worker has refused: one lost connection must not keep the reason from them.
    const rows = await pollUntil(ASK_EVERY_MS, AbortSignal.timeout(HALT_WITHIN_MS), () =>
      unlessLost(async () => {
        const done = await database.executeSql(
          `update ${tables.runs} set stop_reason = 'error', error = $3, exit_code = $4, halted_at = clock_timestamp()
           where run_id = $1 and attempts = $2 and status = 'running' and exit_code is null returning run_id`,
          [attempt.runId, attempt.number, message, exitCode],
        );
        return done.rows;
      }),
    );
    return rows.length > 0;
  }
}
