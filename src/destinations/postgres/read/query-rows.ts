import type { UsersQuery } from '../../contract/kind-database.ts';
import { ReadOnlySession } from './read-only-session.ts';

type RowsQuery = Partial<Pick<UsersQuery, 'caFile'>> &
  Omit<UsersQuery, 'caFile'> & {
    readonly url: string;
    /** For messages: the URL without its password. */
    readonly name: string;
  };

/**
 * The rows of a query as CSV with a header, as COPY writes it, in UTF-8, streamed. It has its own connection, in a read-only
 * transaction. Names are found by the `search_path` of this user.
 * @throws {QueryError}
 * @throws {DestinationError} when the database cannot be reached or is lost; the same query may work later
 * @throws the reason of `stop`
 */
export async function* queryRows({
  url,
  name,
  caFile = null,
  sql,
  onColumns,
  stop,
  waiting,
}: RowsQuery): AsyncGenerator<Buffer> {
  const session = await ReadOnlySession.open({
    url,
    name,
    caFile,
    purpose: 'user list',
    schema: null,
    stop,
    waiting,
  });
  try {
    yield* session.csv(sql, onColumns);
  } catch (error) {
    stop.throwIfAborted();
    throw error;
  } finally {
    await session.close();
  }
}
