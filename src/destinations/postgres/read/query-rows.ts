import type { Waiting } from '../connect/waiting.ts';
import type { TypedColumn } from './column-kinds.ts';
import { ReadOnlySession } from './read-only-session.ts';

export type RowsQuery = {
  readonly url: string;
  /** For messages: the URL without its password. */
  readonly name: string;
  readonly caFile?: string | null;
  readonly sql: string;
  /** Is told of the columns before the query runs; what it throws is thrown. */
  readonly onColumns?: (columns: readonly TypedColumn[]) => void;
  /** Ends the query, at the server too. */
  readonly stop: AbortSignal;
  readonly waiting?: Waiting | undefined;
};

/**
 * The rows of a query as CSV with a header, as COPY writes it, in UTF-8, as they are asked for; over a connection of its own,
 * in a transaction that cannot write. Names are found as in any session of this user, by its `search_path`.
 * @throws {QueryError}
 * @throws {DestinationError} when the database cannot be reached, or goes away; the same query may work later
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
