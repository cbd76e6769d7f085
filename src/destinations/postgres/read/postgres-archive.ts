import type pg from 'pg';
import { columnNames } from '../../../rows/table.ts';
import { allTables, rowTables, type UnexportedUserRow, unexportedUsers } from '../../../rows/tables.ts';
import { InvalidDestination } from '../../contract/destination-error.ts';
import type {
  ArchivedRun,
  ArchivedWorker,
  RunArchive,
  RunFilter,
  UserChanges,
  WhichFinished,
} from '../../contract/run-archive.ts';
import type { Timeline } from '../../contract/timeline.ts';
import type { Verification } from '../../contract/verification.ts';
import type { Waiting } from '../../contract/waiting.ts';
import { lockHolder, runHolder } from '../connect/advisory-lock.ts';
import { connectToRead, endReading, readAnew } from '../connect/read-transaction.ts';
import { asPostgresError } from '../connect/server-errors.ts';
import { selectTimelines, selectWorkers } from '../ledger/attempt-rows.ts';
import { asRunRecord, committedSoFar } from '../ledger/run-rows.ts';
import type { SchemaPlace } from '../schema/database-migrations.ts';
import { refuseDevelopmentSchema } from '../schema/development-schema.ts';
import { requireAllRows } from '../schema/row-security.ts';
import { type SchemaTables, schemaTables } from '../schema/schema-tables.ts';
import { type ChangesRow, changesStatement, userChanges } from './history-changes.ts';
import { rowChecks } from './verify-rows.ts';

const ROWS_AT_ONCE = 1_000;
const RUNS = ['runs', 'run_chunks'];
const CLAIMED = [...allTables.map(({ name }) => name), 'run_chunks', 'suppression_settings'];
const HISTORIES = ['history_tracking', ...rowTables.map(({ name }) => `${name}_history`)];

/** The runs in a schema of a database, read in one transaction with one snapshot. */
export class PostgresArchive implements RunArchive {
  readonly name: string;
  readonly #client: pg.Client;
  readonly #waiting: Waiting | undefined;
  readonly #schema: string;
  readonly #tables: SchemaTables;

  private constructor(client: pg.Client, { name, schema, waiting }: SchemaPlace) {
    this.name = name;
    this.#client = client;
    this.#waiting = waiting;
    this.#schema = schema;
    this.#tables = schemaTables(schema);
  }

  /** @throws {DestinationError} when the database cannot be reached */
  static async open(options: SchemaPlace): Promise<PostgresArchive> {
    try {
      const client = await connectToRead({ ...options, purpose: 'reader' });
      return new PostgresArchive(client, options);
    } catch (error) {
      throw asPostgresError(error, options.name);
    }
  }

  async runs({ sdkAppId, job }: RunFilter, most: number): Promise<readonly ArchivedRun[]> {
    return await this.#select(
      '($1::bigint is null or sdk_app_id = $1) and ($2::text is null or job = $2) order by run_id desc limit $3',
      [sdkAppId, job, most],
    );
  }

  async lastFinished(
    { sdkAppId, job }: RunFilter,
    { whole }: WhichFinished = { whole: false },
  ): Promise<ArchivedRun | null> {
    const found = await this.#select(
      `status = 'finished' ${whole ? 'and retry_of_run is null and users_beyond_limit = 0' : ''} and ($1::bigint is null or sdk_app_id = $1) and ($2::text is null or job = $2)
       order by run_id desc limit 1`,
      [sdkAppId, job],
    );
    return found[0] ?? null;
  }

  async find(runId: number): Promise<ArchivedRun | null> {
    return (await this.#select('run_id = $1', [runId]))[0] ?? null;
  }

  unexported(run: ArchivedRun): AsyncGenerator<UnexportedUserRow> {
    return this.#unexported(run, 'true');
  }

  failed(run: ArchivedRun): AsyncGenerator<UnexportedUserRow> {
    return this.#unexported(run, `reason <> 'not_in_app' and recovered_in_run is null`);
  }

  async *#unexported({ record }: ArchivedRun, condition: string): AsyncGenerator<UnexportedUserRow> {
    await this.#requireAllRows([unexportedUsers.name]);
    yield* this.#read<UnexportedUserRow>(
      `select ${columnNames(unexportedUsers).join(', ')} from ${this.#tables.unexportedUsers} u
       where run_id = $1 and ${condition} order by reason = 'not_in_app', user_id`,
      [record.runId],
    );
  }

  async *changes({ record }: ArchivedRun, since: number): AsyncGenerator<UserChanges> {
    const { runId, sdkAppId } = record;
    await this.#requireAllRows(HISTORIES);
    const known = await this.#historySince(sdkAppId);
    if (known === null) {
      throw new InvalidDestination(
        `${this.name} keeps no history of app ${sdkAppId}; a run with --history starts it`,
      );
    }
    if (since < known) {
      throw new InvalidDestination(
        `${this.name} has no history of app ${sdkAppId} as of run ${since}: history starts with run ${known + 1}`,
      );
    }
    yield* userChanges(this.#read<ChangesRow>(changesStatement(this.#schema), [sdkAppId, since, runId]));
  }

  /** The first run since which an app's rows are known; null when no history is kept. */
  async #historySince(sdkAppId: number): Promise<number | null> {
    const { rows } = await this.#query(
      `select since_run from ${this.#tables.historyTracking} where sdk_app_id = $1`,
      [sdkAppId],
    );
    return rows[0] === undefined ? null : Number(rows[0].since_run);
  }

  /** Reads a result that may not fit in memory, in parts. */
  async *#read<Row>(statement: string, values: readonly unknown[]): AsyncGenerator<Row> {
    await this.#query(`declare rows_read no scroll cursor for ${statement}`, values);
    try {
      for (;;) {
        const { rows } = await this.#query(`fetch ${ROWS_AT_ONCE} from rows_read`, []);
        yield* rows as Row[];
        if (rows.length < ROWS_AT_ONCE) return;
      }
    } finally {
      // After an error there is nothing to close.
      await this.#client.query('close rows_read').catch(() => {});
    }
  }

  async timelines({ record }: ArchivedRun): Promise<readonly Timeline[]> {
    await this.#requireAllRows(['run_attempts']);
    return await selectTimelines((text, values) => this.#query(text, values), this.#tables, record);
  }

  async workers({ record }: ArchivedRun): Promise<readonly ArchivedWorker[]> {
    await this.#requireAllRows(['run_attempts', 'run_chunks']);
    return await selectWorkers((text, values) => this.#query(text, values), this.#tables, record);
  }

  async atWork({ record: { runId, status } }: ArchivedRun): Promise<string | null> {
    if (status !== 'running') return null;
    try {
      return (await runHolder(this.#client, this.#schema, runId))?.text ?? null;
    } catch (error) {
      throw asPostgresError(error, this.name);
    }
  }

  async holder(sdkAppId: number): Promise<string | null> {
    try {
      return (await lockHolder(this.#client, this.#schema, sdkAppId))?.text ?? null;
    } catch (error) {
      throw asPostgresError(error, this.name);
    }
  }

  async *checks({ record }: ArchivedRun): AsyncGenerator<Verification> {
    // Called before and after a snapshot, without a holder both times: no run was at work at the moment of the snapshot.
    await this.#readAnew();
    await this.#requireAllRows(CLAIMED);
    yield* rowChecks((text, values) => this.#query(text, values), this.#schema, record);
    await this.#readAnew();
  }

  async close(): Promise<void> {
    await endReading(this.#client);
  }

  async #readAnew(): Promise<void> {
    try {
      await readAnew(this.#client, this.#waiting);
    } catch (error) {
      throw asPostgresError(error, this.name);
    }
  }

  async #requireAllRows(tables: readonly string[]): Promise<void> {
    try {
      await requireAllRows(this.#client, this.#schema, tables, this.name);
    } catch (error) {
      throw asPostgresError(error, this.name);
    }
  }

  async #select(condition: string, values: readonly unknown[]): Promise<ArchivedRun[]> {
    const { rows: found } = await this.#query('select to_regclass($1) is not null as there', [
      this.#tables.runs,
    ]);
    if (found[0]?.there !== true) return [];
    await refuseDevelopmentSchema(this.#client, this.#schema);
    await this.#requireAllRows(RUNS);
    const { rows } = await this.#query(`select * from ${this.#tables.runs} where ${condition}`, values);
    const runs: ArchivedRun[] = [];
    for (const row of rows) runs.push(await this.#archived(row));
    return runs;
  }

  /** A run that is over has its counts in its row. An unfinished run has them in its chunks. */
  async #archived(row: Record<string, unknown>): Promise<ArchivedRun> {
    const record = asRunRecord(row);
    const { exported, failed, notInApp } = record.counts;
    if (record.status !== 'running') return { record, usersDone: exported + failed + notInApp };
    try {
      const { usersDone, counts } = await committedSoFar(this.#client, this.#tables, record.runId);
      return { record: { ...record, counts }, usersDone };
    } catch (error) {
      throw asPostgresError(error, this.name);
    }
  }

  async #query(text: string, values: readonly unknown[]): Promise<pg.QueryResult> {
    try {
      return await this.#client.query(text, [...values]);
    } catch (error) {
      throw asPostgresError(error, this.name);
    }
  }
}
