import type pg from 'pg';
import { to as copyTo } from 'pg-copy-streams';
import { withTimeout } from '../../../resilience/timeout.ts';
import type { QueryRows, QuerySession, TypedColumn } from '../../contract/kind-database.ts';
import { QueryError } from '../../contract/query-error.ts';
import { type ConnectionOptions, dial } from '../connect/dial.ts';
import { connectToRead, endReading } from '../connect/read-transaction.ts';
import { asPostgresError, isConnectionLoss } from '../connect/server-errors.ts';
import { quoteIdentifier } from '../schema/sql-text.ts';
import { asQueryError } from './as-query-error.ts';
import { bareQuery } from './bare-query.ts';
import { columnKinds } from './column-kinds.ts';
import { QueryCursor } from './query-cursor.ts';
import { type ResultColumn, ResultColumns } from './result-columns.ts';

const END_WITHIN_MS = 5_000;

export type ReadOnlyOptions = ConnectionOptions & {
  /** The search path for tables named without a schema; null: that of any session of this user. */
  readonly schema: string | null;
  /** Ends the current statement, also at the server. */
  readonly stop: AbortSignal;
};

/** A connection in a read-only transaction, for statements that people type. One statement at a time. */
export class ReadOnlySession implements QuerySession {
  readonly #options: ReadOnlyOptions;
  readonly #client: pg.Client;
  readonly #work: ServerWork;
  readonly #onStop = (): void => void this.#end();
  #busy = false;
  #ended: Promise<void> | null = null;

  private constructor(options: ReadOnlyOptions, client: pg.Client, work: ServerWork) {
    this.#options = options;
    this.#client = client;
    this.#work = work;
    options.stop.addEventListener('abort', this.#onStop);
    if (options.stop.aborted) this.#onStop();
  }

  /** @throws {DestinationError} */
  static async open(options: ReadOnlyOptions): Promise<ReadOnlySession> {
    const { name, schema } = options;
    // Temporary tables of the session's earlier client are looked up last.
    const searchPath = schema === null ? null : `${quoteIdentifier(schema)}, pg_catalog, pg_temp`;
    let client: pg.Client | null = null;
    try {
      client = await connectToRead(options, searchPath);
      return new ReadOnlySession(options, client, await currentWork(client));
    } catch (error) {
      await client?.end().catch(() => {});
      throw asPostgresError(error, name);
    }
  }

  /**
   * The rows of a query in parts of a limited size. The first part comes even when there is no row.
   * @throws {QueryError} and {DestinationError}
   */
  async *rows(query: string, most: number): AsyncGenerator<QueryRows, void, undefined> {
    await this.#refuseOther(query);
    this.#busy = true;
    const cursor = this.#client.query(new QueryCursor(query));
    try {
      let part = await cursor.next(most);
      yield part;
      while (part.rows.length === most) {
        part = await cursor.next(most);
        if (part.rows.length > 0) yield part;
      }
    } catch (error) {
      throw asQueryError(error, this.#options.name, query, 0);
    } finally {
      // On a lost connection there is nothing to close.
      if (this.#ended === null) await cursor.close().catch(() => {});
      this.#busy = false;
    }
  }

  /**
   * The result of a query as the server's `COPY` writes CSV, with a header.
   * @param onColumns called with the columns before the query runs; its errors are thrown
   * @throws {QueryError} and {DestinationError}
   */
  async *csv(
    query: string,
    onColumns?: (columns: readonly TypedColumn[]) => void,
  ): AsyncGenerator<Buffer, void, undefined> {
    // A text that is one query by itself is also one query in COPY's parentheses.
    const columns = await this.#refuseOther(query);
    if (onColumns !== undefined) onColumns(await this.#kindsOf(columns));
    this.#busy = true;
    // On its own lines: a comment at the end of the query must not reach the parenthesis.
    const before = 'copy (\n';
    const text = `${before}${bareQuery(query)}\n) to stdout (format csv, header)`;
    try {
      for await (const piece of this.#client.query(copyTo(text))) yield piece as Buffer;
    } catch (error) {
      this.#busy = isConnectionLoss(error);
      throw asQueryError(error, this.#options.name, query, before.length);
    }
    // If the reader leaves early, the rest of the result is still coming: the session stays busy.
    this.#busy = false;
  }

  /**
   * A statement without rows is never run: a read-only transaction does not keep COPY from files and programs of the server's
   * machine.
   */
  async #refuseOther(statement: string): Promise<readonly ResultColumn[]> {
    let columns: readonly ResultColumn[];
    this.#busy = true;
    try {
      columns = await this.#client.query(new ResultColumns(statement)).columns;
    } catch (error) {
      throw asQueryError(error, this.#options.name, statement, 0);
    } finally {
      this.#busy = false;
    }
    if (columns.length === 0)
      throw new QueryError('the statement returns no rows, and was not run; write a query');
    return columns;
  }

  async #kindsOf(columns: readonly ResultColumn[]): Promise<readonly TypedColumn[]> {
    try {
      return await columnKinds(this.#client, columns);
    } catch (error) {
      throw asPostgresError(error, this.#options.name);
    }
  }

  async close(): Promise<void> {
    this.#options.stop.removeEventListener('abort', this.#onStop);
    await this.#end();
  }

  /** A server notices late that its client is gone, so a running query is cancelled over another connection. */
  #end(): Promise<void> {
    this.#ended ??= (async () => {
      if (!this.#busy) return await endReading(this.#client);
      const ended = terminate(this.#options, this.#work).catch(() => {});
      // A pool without a second session gives none before ours is closed.
      await withTimeout(ended, { ms: END_WITHIN_MS, onTimeout: () => {} });
      await this.#client.end().catch(() => {});
    })();
    return this.#ended;
  }
}

/** The server process of a transaction, and the start of the transaction: a pool gives the process to others afterwards. */
type ServerWork = { readonly pid: number; readonly since: string };

async function currentWork(client: pg.Client): Promise<ServerWork> {
  const { rows } = await client.query(
    `select pg_catalog.pg_backend_pid() as pid, extract(epoch from pg_catalog.transaction_timestamp())::text as since`,
  );
  return { pid: Number(rows[0]?.pid), since: String(rows[0]?.since) };
}

async function terminate(options: ConnectionOptions, { pid, since }: ServerWork): Promise<void> {
  const other = await dial(options);
  try {
    await other.query(
      `select pg_catalog.pg_terminate_backend(pid) from pg_catalog.pg_stat_activity
       where pid = $1 and extract(epoch from xact_start)::text = $2`,
      [pid, since],
    );
  } finally {
    await other.end().catch(() => {});
  }
}
