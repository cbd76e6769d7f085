import type pg from 'pg';
import { to as copyTo } from 'pg-copy-streams';
import { connect } from './connection.ts';
import type { SchemaPlace } from './database-migrations.ts';
import { QueryCursor, type QueryRows } from './query-cursor.ts';
import { asQueryError, QueryError } from './query-error.ts';
import { asPostgresError } from './server-errors.ts';
import { quoted } from './sql-text.ts';

/** A place whose schema is where tables named without one are looked for. */
export type ReadOnlyOptions = SchemaPlace & {
  /** Ends the statement under way, at the server too. */
  readonly stop: AbortSignal;
};

const PURPOSE = 'query';

/** A connection in a read-only transaction, for statements that people type. One statement at a time. */
export class ReadOnlySession {
  readonly #options: ReadOnlyOptions;
  readonly #client: pg.Client;
  readonly #processId: number;
  readonly #onStop = (): void => void this.#end();
  #busy = false;
  #ended: Promise<void> | null = null;

  private constructor(options: ReadOnlyOptions, client: pg.Client, processId: number) {
    this.#options = options;
    this.#client = client;
    this.#processId = processId;
    options.stop.addEventListener('abort', this.#onStop);
    if (options.stop.aborted) this.#onStop();
  }

  /** @throws {DestinationError} */
  static async open(options: ReadOnlyOptions): Promise<ReadOnlySession> {
    const { name, schema } = options;
    try {
      let processId = 0;
      const client = await connect({ ...options, purpose: PURPOSE }, async (client) => {
        const { rows } = await client.query('select pg_backend_pid() as pid');
        processId = Number(rows[0]?.pid);
        await client.query(`set search_path = ${quoted(schema)}, pg_catalog; begin transaction read only`);
      });
      return new ReadOnlySession(options, client, processId);
    } catch (error) {
      throw asPostgresError(error, name);
    }
  }

  /**
   * The rows of a statement in parts of at most so many; the first part comes even when there is no row.
   * @throws {QueryError} and {DestinationError}
   */
  rows(statement: string, most: number): AsyncGenerator<QueryRows, void, undefined> {
    return this.#read('', statement, most);
  }

  /**
   * The result of a query as the server's `COPY` writes CSV, with a header.
   * @throws {QueryError} and {DestinationError}
   */
  async *csv(query: string): AsyncGenerator<Buffer, void, undefined> {
    // What EXPLAIN takes over the extended protocol is one query; between COPY's parentheses it stays one.
    for await (const _ of this.#read('explain ', query, 1)) break;
    this.#busy = true;
    const before = 'copy (';
    const text = `${before}${query.replace(/[;\s]+$/, '')}\n) to stdout with (format csv, header)`;
    try {
      for await (const piece of this.#client.query(copyTo(text))) yield piece as Buffer;
    } catch (error) {
      throw asQueryError(error, this.#options.name, query, before.length);
    }
    // Left early, the rest of the result is still on its way: the session stays busy.
    this.#busy = false;
  }

  /** @param before what is put before the statement, of which its author knows nothing */
  async *#read(before: string, statement: string, most: number): AsyncGenerator<QueryRows, void, undefined> {
    this.#busy = true;
    const cursor = this.#client.query(new QueryCursor(before + statement));
    try {
      let part = await cursor.next(most);
      if (part.columns.length === 0) throw new QueryError('the statement returns no rows; write a query');
      yield part;
      while (part.rows.length === most) {
        part = await cursor.next(most);
        if (part.rows.length > 0) yield part;
      }
    } catch (error) {
      throw asQueryError(error, this.#options.name, statement, before.length);
    } finally {
      // On a connection that is gone there is nothing to close.
      if (this.#ended === null) await cursor.close().catch(() => {});
      this.#busy = false;
    }
  }

  async close(): Promise<void> {
    this.#options.stop.removeEventListener('abort', this.#onStop);
    await this.#end();
  }

  /** A server notices that its client is gone only when it has something to tell it: a long query is ended by name. */
  #end(): Promise<void> {
    this.#ended ??= (async () => {
      if (this.#busy) {
        const other = await connect({ ...this.#options, purpose: PURPOSE }).catch(() => null);
        await other?.query('select pg_terminate_backend($1)', [this.#processId]).catch(() => {});
        await other?.end().catch(() => {});
      }
      await this.#client.end().catch(() => {});
    })();
    return this.#ended;
  }
}
