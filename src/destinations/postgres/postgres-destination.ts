import type pg from 'pg';
import { snakeKeys } from '../../json/key-case.ts';
import { reachCrashPoint } from '../contract/crash-points.ts';
import type {
  BeforeLock,
  Committed,
  Destination,
  DestinationEvents,
  NewRun,
  RunRecord,
  RunWriter,
  Sharing,
} from '../contract/destination.ts';
import { DestinationLocked, LockLost } from '../contract/destination-error.ts';
import type { Erased, UserToErase } from '../contract/erasure.ts';
import type { LockWait } from '../contract/lock-wait.ts';
import type { ShareSettings } from '../contract/sharing.ts';
import type { SuppressedUsers } from '../contract/suppressed-users.ts';
import { waitingOfRun } from '../contract/waiting.ts';
import { runHolder } from './connect/advisory-lock.ts';
import { firstConnection } from './connect/first-connection.ts';
import { asPostgresError } from './connect/server-errors.ts';
import { runIsGone } from './ledger/fence.ts';
import { keyFingerprintOfTables } from './ledger/rows-named-by.ts';
import {
  type CountedAttempt,
  committedSoFar,
  countStart,
  findRun,
  insertRun,
  lastCallsMsAgo,
} from './ledger/run-rows.ts';
import { PostgresRun, type PostgresRunState } from './postgres-run.ts';
import { requireRights } from './schema/grants.ts';
import { migrateUp, requireMigrated } from './schema/migrations.ts';
import { type SchemaTables, schemaTables } from './schema/schema-tables.ts';
import type { ServerSupervisor } from './session/server-supervisor.ts';
import { Session } from './session/session.ts';
import { loadPgBoss } from './sharing/pg-boss.ts';
import { unlessLost } from './sharing/poll.ts';
import { requireQueue } from './sharing/queue-rights.ts';
import { migrateQueue, queueSchema } from './sharing/queue-schema.ts';
import type { SharedWork } from './sharing/shared-work.ts';
import { joinAttempt, lastSharedRun, otherJobAtWork, signsOfLife } from './sharing/worker-rows.ts';
import { Workplace } from './sharing/workplace.ts';
import { eraseUserRows, removeMark, suppressedUsers } from './write/erase-user.ts';
import { beginHistory, isHistoryKept } from './write/history.ts';
import { otherJobs } from './write/pruning.ts';
import type { Maintenance } from './write/run-maintenance.ts';

export type PostgresOptions = {
  /** A connection string in libpq's form; it may hold a password. */
  readonly url: string;
  /** The same without the password, for messages. */
  readonly name: string;
  /** Root certificates for the sslmodes that verify, if the URL names none. */
  readonly caFile?: string | null | undefined;
  readonly schema: string;
  readonly sdkAppId: number;
  /** Whether pending migrations may be applied. */
  readonly migrate: boolean;
  /** Whether every version of the app's rows is kept from now on. If a history exists, it continues anyway. */
  readonly history: boolean;
  /** Whether other processes may pull the app's run at the same time; null when it belongs to this process. */
  readonly share?: ShareSettings | null | undefined;
  /** How many runs of a job to keep after a run has finished. */
  readonly keepRuns: number;
  readonly maxOutageMs: number;
  /** How to wait for the lock while another session has it; null to be refused. */
  readonly lockWait?: LockWait | null;
  /** Ends the waiting for an unavailable database, and for the lock. */
  readonly stop: AbortSignal;
  readonly events: DestinationEvents;
  /** For the bundled server. */
  readonly keeper?: ServerSupervisor;
};

/** A schema of a PostgreSQL database: the rows of every app, and the runs that wrote them. */
export class PostgresDestination implements Destination {
  readonly name: string;
  readonly beforeLock: BeforeLock | null;
  readonly #session: Session;
  readonly #tables: SchemaTables;
  readonly #sdkAppId: number;
  readonly #wantsHistory: boolean;
  readonly #afterwards: Maintenance;
  readonly #workplace: Workplace | null;

  private constructor(
    options: PostgresOptions,
    session: Session,
    tables: SchemaTables,
    beforeLock: BeforeLock | null,
    workplace: Workplace | null,
  ) {
    this.name = options.name;
    this.beforeLock = beforeLock;
    this.#session = session;
    this.#tables = tables;
    this.#sdkAppId = options.sdkAppId;
    this.#wantsHistory = options.history;
    this.#workplace = workplace;
    const { schema, keepRuns, stop, events } = options;
    this.#afterwards = { schema, keepRuns, stop, onNotice: events.onNotice };
  }

  /** Connects, takes the app's lock, and applies pending migrations. @throws as in `Destination` */
  static async open(options: PostgresOptions): Promise<PostgresDestination> {
    const { share = null, schema } = options;
    if (share !== null) {
      // Refused before the database is asked.
      await loadPgBoss();
      queueSchema(schema);
    }
    await prepareSchema(options);
    const tables = schemaTables(schema);
    const { sdkAppId, lockWait } = options;
    let before: Omit<BeforeLock, 'waitedMs'> = NOTHING_BEFORE;
    const workplace = share === null ? null : await Workplace.open({ ...options, share }, tables);
    try {
      const session = await Session.open({
        ...options,
        share: workplace !== null,
        lockWait: lockWait && {
          ...lockWait,
          beforeLock: async (client) => {
            before = await readBeforeLock(client, { schema, sdkAppId }, lockWait);
          },
          onTaken: () => lockWait.onTaken(before),
        },
        prepare: async (client) => {
          if (workplace !== null) await workplace.prepare(client);
          for (const { createStage } of Object.values(tables.merge)) await client.query(createStage);
        },
      });
      const { lockWaitedMs: waitedMs } = session;
      const beforeLock = lockWait ? { ...before, waitedMs } : null;
      return new PostgresDestination(options, session, tables, beforeLock, workplace);
    } catch (error) {
      await workplace?.close();
      throw error;
    }
  }

  get sharing(): Sharing | null {
    const workplace = this.#workplace;
    if (workplace === null) return null;
    return {
      enter: (job, { isFresh, mayJoin }) =>
        workplace.enter({
          isFresh,
          refuseOtherJobs: () => this.#refuseOtherJobs(job),
          lastRun: () =>
            this.#session.run((client) => lastSharedRun(client, this.#tables, this.#sdkAppId, job)),
          signsOfLife: (runId) =>
            this.#session.run((client) => signsOfLife(client, this.#tables, this.#schema, runId)),
          whenAvailable: () => this.#session.run(async (client) => void (await client.query('select'))),
          record: (runId) => this.findRun(runId),
          join: (runId) => this.#join(runId, mayJoin),
        }),
    };
  }

  get #schema(): string {
    return this.#afterwards.schema;
  }

  /** Processes share the lock of the app, but one run at a time has its quota and its rows. */
  async #refuseOtherJobs(job: string): Promise<void> {
    const app = { schema: this.#schema, sdkAppId: this.#sdkAppId, job };
    const other = await this.#session.run((client) => otherJobAtWork(client, this.#tables, app));
    if (other === null) return;
    throw new DestinationLocked(
      `job ${other.job} of app ${app.sdkAppId} is at work in schema ${app.schema}: ${other.holder}`,
    );
  }

  /** Null when the run is over. */
  async #join(runId: number, mayJoin: (run: RunRecord) => void): Promise<RunWriter | null> {
    const tables = this.#tables;
    const record = await this.findRun(runId);
    if (record !== null) mayJoin(record);
    await this.#session.workOn(runId);
    const opened = await this.#session.longTransaction(async (client) => {
      const joined = await joinAttempt(client, tables, runId);
      if (joined === null) return null;
      return {
        ...joined,
        committed: await committedSoFar(client, tables, runId),
        before: await committedSoFar(client, tables, runId, joined.attempt.number),
        keepsHistory: await isHistoryKept(client, tables, this.#sdkAppId),
      };
    });
    if (opened === null) return null;
    const shared = this.#sharedWork(opened, opened.before, opened.leftMs);
    // What the others have done so far is part of the run, and not of its speed from here on.
    await unlessLost(async () => await shared?.cohort.refresh());
    return this.#writer(opened, shared);
  }

  /** Null when the app's runs belong to this process. */
  #sharedWork(
    { attempt, record: { endpoint } }: CountedAttempt,
    before: Committed,
    leftMs: number | null,
  ): SharedWork | null {
    const readRecord = () => this.findRun(attempt.runId);
    return this.#workplace?.work(attempt, { before, leftMs, readRecord, endpoint }) ?? null;
  }

  #writer(state: Omit<PostgresRunState, 'shared'>, shared: SharedWork | null): RunWriter {
    return new PostgresRun(this.#session, this.#tables, this.#afterwards, { ...state, shared });
  }

  lastRun(job: string): Promise<RunRecord | null> {
    return this.#session.run((client) => findRun(client, this.#tables, this.#sdkAppId, { job }));
  }

  findRun(runId: number): Promise<RunRecord | null> {
    return this.#session.run((client) => findRun(client, this.#tables, this.#sdkAppId, { runId }));
  }

  lastCallsMsAgo(): Promise<number | null> {
    return this.#session.run((client) => lastCallsMsAgo(client, this.#tables, this.#sdkAppId));
  }

  otherJobs(job: string): Promise<readonly string[]> {
    return this.#session.run((client) => otherJobs(client, this.#tables, this.#sdkAppId, job));
  }

  /** Each job replaces only the rows of its own users. */
  replaced(): Promise<RunRecord | null> {
    return Promise.resolve(null);
  }

  storedKeyFingerprint(of?: 'rows' | 'rows-and-plans'): Promise<Pick<RunRecord, 'keyFingerprint'> | null> {
    return this.#session.run((client) => keyFingerprintOfTables(client, this.#tables, this.#sdkAppId, of));
  }

  async someExportedUser(): Promise<string | null> {
    const { rows } = await this.#session.run((client) =>
      client.query(`select user_id from ${this.#tables.exportedUsers} where sdk_app_id = $1 limit 1`, [
        this.#sdkAppId,
      ]),
    );
    return rows[0] === undefined ? null : String(rows[0].user_id);
  }

  async begin(run: NewRun, users: Iterable<readonly string[]>): Promise<RunWriter> {
    const record = await this.#session.longTransaction(async (client) => {
      const inserted = await insertRun(client, this.#tables, run, users);
      await this.#workplace?.requireRight();
      reachCrashPoint('plan-written');
      return inserted;
    });
    reachCrashPoint('plan-placed');
    return await this.resume(record);
  }

  async resume(run: RunRecord): Promise<RunWriter> {
    const { runId } = run;
    await this.#session.workOn(runId);
    const workplace = this.#workplace;
    // In one transaction: a database that loses recent commits must not keep the attempt and lose the rest.
    const opened = await this.#session.longTransaction(async (client) => {
      const counted = await countStart(client, this.#tables, runId);
      if (counted === null) return null;
      await workplace?.beginAttempt(client, counted.attempt);
      const committed = await committedSoFar(client, this.#tables, runId);
      return { ...counted, committed, keepsHistory: await this.#keepHistory(client, runId, committed) };
    });
    reachCrashPoint('start-counted');
    if (opened !== null) {
      const { committed } = opened;
      return this.#writer(
        opened,
        this.#sharedWork(opened, committed, this.#workplace?.maxDurationMs ?? null),
      );
    }
    throw (await this.findRun(runId)) === null
      ? runIsGone(runId)
      : new LockLost(`run ${runId} is over; it cannot be resumed`);
  }

  async #keepHistory(client: pg.ClientBase, runId: number, { usersDone }: Committed): Promise<boolean> {
    const tables = this.#tables;
    // Before its first commit, the rows are those of the run before it.
    const since = usersDone === 0 ? runId - 1 : runId;
    if (this.#wantsHistory) await beginHistory(client, tables, this.#sdkAppId, since);
    return await isHistoryKept(client, tables, this.#sdkAppId);
  }

  async abandon(run: RunRecord): Promise<void> {
    await this.#session.longTransaction(async (client) => {
      const { counts } = await committedSoFar(client, this.#tables, run.runId);
      await client.query(
        `update ${this.#tables.runs} set status = 'abandoned', attempts = attempts + 1, counts = $2
         where run_id = $1 and status = 'running'`,
        [run.runId, JSON.stringify(snakeKeys(counts))],
      );
      await client.query(
        `update ${this.#tables.runChunks} set user_ids = null, deferred = null where run_id = $1`,
        [run.runId],
      );
      await this.#workplace?.requireRight();
    });
  }

  suppressed(): Promise<SuppressedUsers> {
    return this.#session.run((client) => suppressedUsers(client, this.#tables, this.#sdkAppId));
  }

  erase(user: UserToErase, { dryRun }: { readonly dryRun: boolean }): Promise<Erased> {
    const target = { schema: this.#afterwards.schema, sdkAppId: this.#sdkAppId };
    return this.#session.longTransaction(async (client) => {
      await client.query('savepoint before');
      const erased = await eraseUserRows(client, target, user);
      if (dryRun) await client.query('rollback to savepoint before');
      return erased;
    });
  }

  unsuppress(name: string): Promise<boolean> {
    return this.#session.transaction((client) => removeMark(client, this.#tables, this.#sdkAppId, name));
  }

  async close(): Promise<void> {
    await this.#workplace?.close();
    await this.#session.close();
  }
}

const NOTHING_BEFORE = { run: null, isAtWork: false, otherJobs: [], storedKeyFingerprint: null };

async function readBeforeLock(
  client: pg.ClientBase,
  { schema, sdkAppId }: Pick<PostgresOptions, 'schema' | 'sdkAppId'>,
  { job, runId }: LockWait,
): Promise<Omit<BeforeLock, 'waitedMs'>> {
  const tables = schemaTables(schema);
  const run = await findRun(client, tables, sdkAppId, runId === null ? { job } : { runId });
  return {
    run,
    isAtWork: run !== null && (await runHolder(client, schema, run.runId)) !== null,
    otherJobs: await otherJobs(client, tables, sdkAppId, job),
    storedKeyFingerprint: await keyFingerprintOfTables(client, tables, sdkAppId),
  };
}

async function prepareSchema(options: PostgresOptions): Promise<void> {
  const { url, name, schema, migrate, share = null, caFile, maxOutageMs, stop, events } = options;
  const waiting = waitingOfRun({ maxOutageMs, stop, onNotice: events.onNotice });
  let client: pg.Client | null = null;
  try {
    client = await firstConnection({ url, name, caFile, purpose: 'migration', waiting });
    await requireRights(client, schema, name);
    if (migrate) await migrateUp(client, schema);
    else await requireMigrated(client, schema);
    if (share !== null && migrate) await migrateQueue(client, schema);
    if (share !== null) await requireQueue(client, schema, name);
  } catch (error) {
    throw asPostgresError(error, name);
  } finally {
    await client?.end().catch(() => {});
  }
}
