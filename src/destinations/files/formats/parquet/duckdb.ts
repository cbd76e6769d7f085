import { createRequire } from 'node:module';
import type { DuckDBConnection, DuckDBInstance, DuckDBValue } from '@duckdb/node-api';
import { DestinationError, InvalidDestination } from '../../../contract/destination-error.ts';

// A limit. DuckDB takes less: one row group is read at a time.
const MEMORY_LIMIT = '1GiB';

// More threads would multiply the memory, and take both cores of a small machine.
const THREADS = '1';

const PACKAGE = '@duckdb/node-api';

// Messages of the system can be shown. Other messages may quote rows.
const OF_THE_SYSTEM = /^(?:IO|Out of Memory|Permission) Error: [^\n]*/;

// Messages about input that DuckDB's CSV reader cannot parse differ, and change between versions. Every message outside this list
// counts as such a message.
const NOT_OF_THE_ROWS = /^(?:IO|Permission) Error:/;

/** A row does not fit in the memory limit, or the start of a row could not be found. */
export class RowsRefused extends DestinationError {}

const notInstalled = (cause: unknown): InvalidDestination =>
  new InvalidDestination(
    `DuckDB, which reads and writes Parquet files, is not installed for ${process.platform}-${process.arch}: ` +
      `npm install ${PACKAGE} (or install without --omit=optional), or use --to csv:DIR`,
    { cause },
  );

/**
 * Checks everything that is loaded later, so that a missing package does not fail a run at its end.
 * @throws {InvalidDestination} when DuckDB is not installed, or not for this machine
 */
export function requireDuckDb(): void {
  try {
    const api = createRequire(import.meta.url).resolve(PACKAGE);
    const bindings = createRequire(createRequire(api).resolve('@duckdb/node-bindings'));
    requireOne(
      bindings,
      ['', '-musl'].map((libc) => `@duckdb/node-bindings-${process.platform}-${process.arch}${libc}`),
    );
  } catch (cause) {
    throw notInstalled(cause);
  }
}

function requireOne({ resolve }: NodeJS.Require, packages: readonly string[]): void {
  const failures: unknown[] = [];
  for (const name of packages) {
    try {
      resolve(`${name}/duckdb.node`);
      return;
    } catch (failure) {
      failures.push(failure);
    }
  }
  throw new AggregateError(failures, `none of ${packages.join(', ')} is there`);
}

/** An in-memory DuckDB. It is loaded when first needed. It loads no extensions, since everything needed is built in. */
export class DuckDb {
  readonly #instance: DuckDBInstance;
  readonly #connection: DuckDBConnection;

  private constructor(instance: DuckDBInstance, connection: DuckDBConnection) {
    this.#instance = instance;
    this.#connection = connection;
  }

  /**
   * @param temporary a directory for data that does not fit in memory; null: none
   * @throws {InvalidDestination} when it is not installed
   */
  static async open(temporary: string | null): Promise<DuckDb> {
    const { DuckDBInstance: Instance } = await import('@duckdb/node-api').catch((cause: unknown) => {
      throw notInstalled(cause);
    });
    const instance = await Instance.create(':memory:', {
      memory_limit: MEMORY_LIMIT,
      threads: THREADS,
      temp_directory: temporary ?? '',
      // This also limits row groups by bytes. A single thread keeps the order anyway.
      preserve_insertion_order: 'false',
      autoinstall_known_extensions: 'false',
      autoload_known_extensions: 'false',
    });
    return new DuckDb(instance, await instance.connect());
  }

  /** @throws {DestinationError} when a file cannot be read or written */
  async run(sql: string): Promise<void> {
    try {
      await this.#connection.run(sql);
    } catch (error) {
      throw asDestinationError(error, 'write', 'pulled data is safe; run the same command again to resume');
    }
  }

  /** The rows of a query, streamed. @throws {DestinationError} when a file cannot be read */
  async *rows(sql: string): AsyncGenerator<readonly DuckDBValue[]> {
    try {
      const result = await this.#connection.stream(sql);
      for await (const some of result.yieldRows()) yield* some;
    } catch (error) {
      throw asDestinationError(error, 'read', 'it is replaced by the next run that finishes');
    }
  }

  [Symbol.dispose](): void {
    this.#connection.closeSync();
    this.#instance.closeSync();
  }
}

function asDestinationError(error: unknown, what: 'read' | 'write', next: string): unknown {
  if (!(error instanceof Error) || error instanceof DestinationError || 'code' in error) return error;
  const kind = /^[A-Z][A-Za-z -]* Error:/.exec(error.message)?.[0];
  if (kind === undefined) return error;
  const says = OF_THE_SYSTEM.exec(error.message)?.[0] ?? `${kind} its message may hold rows and is not shown`;
  const Failure = NOT_OF_THE_ROWS.test(error.message) ? DestinationError : RowsRefused;
  return new Failure(`DuckDB cannot ${what} a Parquet file of the export: ${says}; ${next}`);
}
