import type { UserQuery } from '../../config/model/job.ts';
import { DestinationError, InvalidDestination } from '../../destinations/contract/destination-error.ts';
import type { TypedColumn, UsersQuery } from '../../destinations/contract/kind-database.ts';
import { QueryError } from '../../destinations/contract/query-error.ts';
import { waitingOfRun } from '../../destinations/contract/waiting.ts';
import { destinationKind } from '../../destinations/open/kinds.ts';
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
    format: 'rows',
    isStream: true,
    column,
    mayBeEmpty: false,
    bytes: readRows(query, {
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
  const column = columns[userColumn(names, { column: wanted, format: 'rows' }, NAME)];
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

async function* readRows(
  { sql, database }: UserQuery,
  { caFile, onColumns, ...waited }: RowsOptions,
): AsyncGenerator<Buffer> {
  try {
    yield* usersIn(database, { sql, caFile, onColumns, stop: waited.stop, waiting: waitingOfRun(waited) });
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

async function* usersIn(database: UserQuery['database'], query: UsersQuery): AsyncGenerator<Buffer> {
  const { database: asked } = destinationKind(database);
  if (asked === null) throw new Error(`${database.option} names no database`);
  // An empty one has no users.
  if (!(await asked.exists(database))) {
    throw new UserListError([`${NAME}: ${database.option} ${asked.nameOf(database)} holds no database yet`]);
  }
  yield* asked.queryUsers(database, query);
}
