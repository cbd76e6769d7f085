import type { QueriedDatabase, UserQuery } from '../../config/model/job.ts';
import { DestinationError, InvalidDestination } from '../../destinations/contract/destination-error.ts';
import { QueryError } from '../../destinations/contract/query-error.ts';
import { hasCluster } from '../../destinations/embedded/cluster.ts';
import { startEmbeddedServer } from '../../destinations/embedded/server.ts';
import { waitingOfRun } from '../../destinations/postgres/connect/waiting.ts';
import type { TypedColumn } from '../../destinations/postgres/read/column-kinds.ts';
import { queryRows, type RowsQuery } from '../../destinations/postgres/read/query-rows.ts';
import { quotedText } from '../../user-list/characters.ts';
import { userColumn } from '../../user-list/formats/user-column.ts';
import type { ListSource } from '../../user-list/list-source.ts';
import { UserListError } from '../../user-list/user-list-error.ts';

const NAME = '--users-sql';

type QueryOptions = {
  readonly caFile: string | null;
  /** Ends the query, also at the server. */
  readonly stop: AbortSignal;
  /** How long the query may wait for locks of other sessions. */
  readonly maxOutageMs: number;
  readonly onNotice: (message: string) => void;
};

/** The user list of a query. It connects when it is read, not before. */
export function openUserQuery(query: UserQuery, column: string | null, options: QueryOptions): ListSource {
  return {
    name: NAME,
    form: 'rows',
    isStream: true,
    column,
    mayBeEmpty: false,
    bytes: rowsOf(query, {
      ...options,
      onColumns: (columns) => refuseOtherType(columns, column),
    }),
    place: (row) => (row === 0 ? NAME : `row ${row} of ${NAME}`),
  };
}

type RowsOptions = QueryOptions & { readonly onColumns: (columns: readonly TypedColumn[]) => void };

/**
 * A text made from these types is not a user ID: JSON has quotes, numbers have fractions, booleans are `t`, instants have spaces.
 * @throws {UserListError}
 */
function refuseOtherType(columns: readonly TypedColumn[], wanted: string | null): void {
  const names = columns.map(({ name }) => Buffer.from(name));
  const column = columns[userColumn(names, { column: wanted, form: 'rows' }, NAME)];
  if (column?.kind !== 'other') return;
  const { name, type } = column;
  const [, hint = 'cast it to text where that is the ID'] =
    HINTS.find(([pattern]) => pattern.test(type)) ?? [];
  throw new UserListError([
    `${NAME}: the column ${quotedText(name)} is of the type ${type}; expected a text or a whole number: ${hint}`,
  ]);
}

const HINTS: readonly (readonly [RegExp, string])[] = [
  [/\[\]$/, 'unnest it'],
  [/^jsonb?$/, 'take the text out of it with ->>'],
  [/^bytea$/, "decode it, as convert_from(…, 'UTF8') does"],
  // PostgreSQL has no cast from money to bigint.
  [/^money$/, 'cast it to numeric, and that to bigint, where every value is whole'],
  [/^(numeric|real|double precision)/, 'cast it to bigint where every value is whole'],
];

async function* rowsOf(
  { sql, database }: UserQuery,
  { caFile, onColumns, ...waited }: RowsOptions,
): AsyncGenerator<Buffer> {
  try {
    const how = { sql, onColumns, stop: waited.stop, waiting: waitingOfRun(waited) };
    if (database.kind === 'embedded') yield* embeddedRows(database, how);
    else yield* queryRows({ url: database.url.reveal(), name: database.shown, caFile, ...how });
  } catch (error) {
    if (error instanceof QueryError) throw new UserListError([`${NAME}: ${error.message}`], { cause: error });
    if (error instanceof DestinationError) {
      throw new DestinationError(`${database.option}: ${error.message}`, { cause: error });
    }
    if (error instanceof InvalidDestination) {
      throw new InvalidDestination(`${database.option}: ${error.message}`, { cause: error });
    }
    throw error;
  }
}

async function* embeddedRows(
  { dir, option }: QueriedDatabase & { readonly kind: 'embedded' },
  how: Pick<RowsQuery, 'sql' | 'onColumns' | 'stop' | 'waiting'>,
): AsyncGenerator<Buffer> {
  // Starting a server there would create a database, and an empty database has no users.
  if (!(await hasCluster(dir))) {
    throw new UserListError([`${NAME}: ${option} embedded:${dir} holds no database yet`]);
  }
  const server = await startEmbeddedServer({ dir, waiting: how.waiting });
  try {
    yield* queryRows({ url: await server.readerUrl(), name: `embedded:${dir}`, ...how });
  } finally {
    await server.stop();
  }
}
