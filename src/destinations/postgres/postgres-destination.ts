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
} from '../contract/destination.ts';
import { LockLost } from '../contract/destination-error.ts';
import type { Erased, UserToErase } from '../contract/erasure.ts';
import type { LockWait } from '../contract/lock-wait.ts';
import type { SuppressedUsers } from '../contract/suppressed-users.ts';
import { waitingOfRun } from '../contract/waiting.ts';
import { runHolder } from './connect/advisory-lock.ts';
import { firstConnection } from './connect/first-connection.ts';
import { asPostgresError } from './connect/server-errors.ts';
import { runIsGone } from './ledger/fence.ts';
import { keyFingerprintOfTables } from './ledger/rows-named-by.ts';
import { committedSoFar, countStart, findRun, insertRun, lastCallsMsAgo } from './ledger/run-rows.ts';
import { PostgresRun } from './postgres-run.ts';
import { requireRights } from './schema/grants.ts';
import { migrateUp, requireMigrated } from './schema/migrations.ts';
import { type SchemaTables, schemaTables } from './schema/schema-tables.ts';
import type { ServerSupervisor } from './session/server-supervisor.ts';
import { Session } from './session/session.ts';
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

  private constructor(
    options: PostgresOptions,
    session: Session,
    tables: SchemaTables,
    beforeLock: BeforeLock | null,
  ) {
    this.name = options.name;
    this.beforeLock = beforeLock;
    this.#session = session;
    this.#tables = tables;
    this.#sdkAppId = options.sdkAppId;
    this.#wantsHistory = options.history;
    const { schema, keepRuns, stop, events } = options;
    this.#afterwards = { schema, keepRuns, stop, onNotice: events.onNotice };
  }

  /** Connects, takes the app's lock, and applies pending migrations. @throws as in `Destination` */
  static async open(options: PostgresOptions): Promise<PostgresDestination> {
    await prepareSchema(options);
    const tables = schemaTables(options.schema);
    const { schema, sdkAppId, lockWait } = options;
    let before: Omit<BeforeLock, 'waitedMs'> = NOTHING_BEFORE;
    const session = await Session.open({
      ...options,
      lockWait: lockWait && {
        ...lockWait,
        beforeLock: async (client) => {
          before = await readBeforeLock(client, { schema, sdkAppId }, lockWait);
        },
        onTaken: () => lockWait.onTaken(before),
      },
      prepare: async (client) => {
        for (const { createStage } of Object.values(tables.merge)) await client.query(createStage);
      },
    });
    const { lockWaitedMs: waitedMs } = session;
    const beforeLock = lockWait ? { ...before, waitedMs } : null;
    return new PostgresDestination(options, session, tables, beforeLock);
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
      reachCrashPoint('plan-written');
      return inserted;
    });
    reachCrashPoint('plan-placed');
    return await this.resume(record);
  }

  async resume(run: RunRecord): Promise<RunWriter> {
    const { runId } = run;
    await this.#session.workOn(runId);
    // In one transaction: a database that loses recent commits must not keep the attempt and lose the rest.
    const opened = await this.#session.longTransaction(async (client) => {
      const counted = await countStart(client, this.#tables, runId);
      if (counted === null) return null;
      const committed = await committedSoFar(client, this.#tables, runId);
      return { ...counted, committed, keepsHistory: await this.#keepHistory(client, runId, committed) };
    });
    reachCrashPoint('start-counted');
    if (opened !== null) return new PostgresRun(this.#session, this.#tables, this.#afterwards, opened);
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
  const { url, name, schema, migrate, caFile, maxOutageMs, stop, events } = options;
  const waiting = waitingOfRun({ maxOutageMs, stop, onNotice: events.onNotice });
  let client: pg.Client | null = null;
  try {
    client = await firstConnection({ url, name, caFile, purpose: 'migration', waiting });
    await requireRights(client, schema, name);
    if (migrate) await migrateUp(client, schema);
    else await requireMigrated(client, schema);
  } catch (error) {
    throw asPostgresError(error, name);
  } finally {
    await client?.end().catch(() => {});
  }
}
