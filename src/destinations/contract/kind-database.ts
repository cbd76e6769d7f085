import type { ReadSettings } from './run-archive.ts';
import type { Waiting } from './waiting.ts';

/** A column of a user query. The kind of its values is text-like, integer, or other. */
export type TypedColumn = {
  readonly name: string;
  /** The type's name in SQL: `numeric(20,2)`. */
  readonly type: string;
  readonly kind: 'text' | 'whole' | 'other';
};

/** The kind of a column's values, for alignment and for JSON. */
export type ColumnKind = 'number' | 'boolean' | 'json' | 'text';
export type QueryColumn = { readonly name: string; readonly kind: ColumnKind };

/** A part of a result. Values are the texts that the database writes, so numbers keep all their digits. */
export type QueryRows = {
  readonly columns: readonly QueryColumn[];
  readonly rows: readonly (readonly (string | null)[])[];
};

/** A query for the users of a run. */
export type UsersQuery = {
  readonly sql: string;
  readonly caFile: string | null;
  /** Called with the columns before the query runs; its errors are thrown. */
  readonly onColumns?: (columns: readonly TypedColumn[]) => void;
  /** Ends the query, also at the server. */
  readonly stop: AbortSignal;
  readonly waiting?: Waiting | undefined;
};

/** Runs queries that people type, one at a time, in a transaction that cannot write. */
export interface QuerySession {
  /**
   * The rows of a query in parts of at most so many; the first part comes even when there is no row.
   * @throws {QueryError} and {DestinationError}
   */
  rows(query: string, most: number): AsyncIterable<QueryRows>;
  /** The result as CSV with a header. @throws {QueryError} and {DestinationError} */
  csv(query: string): AsyncIterable<Buffer>;
  /** Closes all that was opened for it. */
  close(): Promise<void>;
}

/** Migrations of this program in a schema. */
export type MigrationStatus = { readonly applied: readonly string[]; readonly pending: readonly string[] };

export type MigrateSettings = ReadSettings & {
  /** Whether shared runs are to work there. */
  readonly share: boolean;
};

/** Brings a database schema up to date where a person asks for it. @throws {DestinationError} */
export interface KindMigrations<Place> {
  /** `applied` holds what was just applied. */
  up(place: Place, settings: MigrateSettings): Promise<MigrationStatus>;
  status(place: Place, settings: MigrateSettings): Promise<MigrationStatus>;
  /** The pending migrations of the schema, as a script. */
  script(place: Place, settings: MigrateSettings): Promise<string>;
}

/** The requests to a destination that only a database answers. */
export interface KindDatabase<Typed, Place, Queried> {
  /** The database without the schema that a job adds to it: what `--users-db` names. */
  resolve(typed: Typed, base: string): Queried;
  /** As people write it, without secrets. */
  nameOf(queried: Queried): string;
  /** False where nothing is there yet, and to look would create it. */
  exists(queried: Queried): Promise<boolean>;
  /**
   * The users that a query gives, as CSV with a header.
   * @throws {QueryError} and {DestinationError}; the reason of `stop`
   */
  queryUsers(queried: Queried, query: UsersQuery): AsyncIterable<Buffer>;
  /** @throws {InvalidDestination} and {DestinationError} */
  openSession(place: Place, settings: ReadSettings & { readonly stop: AbortSignal }): Promise<QuerySession>;
  /** Null where each run does it by itself. */
  readonly migrations: KindMigrations<Place> | null;
}
