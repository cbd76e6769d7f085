import pg from 'pg';
import { to } from 'pg-copy-streams';
import { bareQuery } from './bare-query.ts';
import { connect } from './connection.ts';
import { asPostgresError, isConnectionLoss } from './server-errors.ts';

/** The server can be reached and does not run the query; the message is the server's own sentence. */
export class QueryRefused extends Error {
  override readonly name = 'QueryRefused';
}

export type RowsQuery = {
  readonly url: string;
  /** For messages: the URL without its password. */
  readonly name: string;
  readonly caFile?: string | null;
  readonly sql: string;
};

/**
 * The rows of a query as CSV with a header, as COPY writes it, in UTF-8, as they are asked for; over a connection of its own,
 * in a transaction that cannot write. Names are found as in any session of this user, by its `search_path`.
 * @throws {QueryRefused}
 * @throws {DestinationError} when the database cannot be reached, or goes away; the same query may work later
 */
export async function* queryRows({ url, name, caFile = null, sql }: RowsQuery): AsyncGenerator<Buffer> {
  const query = bareQuery(sql);
  if (query === '') throw new QueryRefused('there is no query');
  const client = await connect({ url, name, caFile, purpose: 'user list' }).catch((error) => {
    throw asPostgresError(error, name);
  });
  try {
    await client.query('reset search_path');
    await client.query('begin read only');
    // On lines of its own: a comment at the query's end must not reach what follows.
    yield* client.query(to(`copy (\n${query}\n) to stdout (format csv, header)`)) as AsyncIterable<Buffer>;
  } catch (error) {
    throw error instanceof pg.DatabaseError && !isPassing(error)
      ? new QueryRefused(`${error.message} (${error.code})`, { cause: error })
      : asPostgresError(error, name);
  } finally {
    await client.end().catch(() => {});
  }
}

// Classes 40 to 58 of PostgreSQL's error codes that are not the query's fault: contention, want of resources, locks,
// operators and the system.
const isPassing = (error: pg.DatabaseError): boolean =>
  isConnectionLoss(error) || /^(40|53|55|57|58|XX)/.test(error.code ?? '');
