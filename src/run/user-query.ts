import { DestinationError, DestinationUnusable } from '../destinations/destination-error.ts';
import { hasCluster } from '../destinations/postgres/embedded-cluster.ts';
import { startEmbeddedServer } from '../destinations/postgres/embedded-server.ts';
import { queryRows } from '../destinations/postgres/query-rows.ts';
import { QueryError } from '../destinations/query-error.ts';
import type { QueriedDatabase, UserQuery } from '../job/job.ts';
import type { ListSource } from '../users/list-source.ts';
import { UserListError } from '../users/user-list-error.ts';

const NAME = '--users-sql';

type QueryOptions = {
  readonly caFile: string | null;
  /** Ends the query, at the server too. */
  readonly stop: AbortSignal;
};

/** The user list that a query gives. Nothing is connected before it is read. */
export function openUserQuery(query: UserQuery, column: string | null, options: QueryOptions): ListSource {
  return {
    name: NAME,
    form: 'rows',
    isStream: true,
    column,
    mayBeEmpty: false,
    bytes: rowsOf(query, options),
    place: (row) => (row === 0 ? NAME : `row ${row} of ${NAME}`),
  };
}

async function* rowsOf({ sql, database }: UserQuery, options: QueryOptions): AsyncGenerator<Buffer> {
  try {
    if (database.kind === 'embedded') yield* embeddedRows(sql, database, options.stop);
    else yield* queryRows({ url: database.url.reveal(), name: database.shown, sql, ...options });
  } catch (error) {
    if (error instanceof QueryError) throw new UserListError([`${NAME}: ${error.message}`], { cause: error });
    if (error instanceof DestinationError) {
      throw new DestinationError(`${database.option}: ${error.message}`, { cause: error });
    }
    if (error instanceof DestinationUnusable) {
      throw new DestinationUnusable(`${database.option}: ${error.message}`, { cause: error });
    }
    throw error;
  }
}

async function* embeddedRows(
  sql: string,
  { dir, option }: QueriedDatabase & { readonly kind: 'embedded' },
  stop: AbortSignal,
): AsyncGenerator<Buffer> {
  // Starting a server there would make a database, and an empty one has no users.
  if (!(await hasCluster(dir))) {
    throw new UserListError([`${NAME}: ${option} embedded:${dir} holds no database yet that it could ask`]);
  }
  const server = await startEmbeddedServer({ dir });
  try {
    yield* queryRows({ url: await server.readerUrl(), name: `embedded:${dir}`, sql, stop });
  } finally {
    await server.stop();
  }
}
