import type pg from 'pg';
import type { Waiting } from '../../contract/waiting.ts';
import { connectUnset } from './connection.ts';
import type { ConnectionOptions } from './dial.ts';
import { OWN_SEARCH_PATH, transactionSettings } from './settings.ts';
import { lockTimeoutMs } from './waiting.ts';

/**
 * Opens a connection with a read-only transaction, its only one. Settings hold for the transaction only, so a pooler can share
 * the session afterwards.
 * @param searchPath null: names are found as in any session of this user
 * @throws as `connect` does
 */
export const connectToRead = (
  options: ConnectionOptions,
  searchPath: string | null = OWN_SEARCH_PATH,
): Promise<pg.Client> => connectUnset(options, (client) => beginReading(client, options.waiting, searchPath));

/**
 * Begins a read-only transaction. Its snapshot is taken by its first query.
 * @param waiting undefined: one try waits for locks as long as that of a run
 */
export async function beginReading(
  client: pg.ClientBase,
  waiting?: Waiting,
  searchPath: string | null = OWN_SEARCH_PATH,
): Promise<void> {
  const path = searchPath === null ? '' : `; set local search_path = ${searchPath}`;
  const locks = waiting === undefined ? '' : `; set local lock_timeout = ${lockTimeoutMs(waiting)}`;
  await client.query(
    `begin transaction isolation level repeatable read read only; ${transactionSettings()}${path}${locks}`,
  );
  // The server ends a long statement when its client is gone. Not every system supports this.
  await client
    .query(`savepoint asker; set local client_connection_check_interval = '5s'; release asker`)
    .catch(() => client.query('rollback to asker'));
}

/** Ends the transaction of a connection, and begins one with a new snapshot. */
export async function readAnew(client: pg.ClientBase, waiting: Waiting | undefined): Promise<void> {
  await client.query('rollback');
  await beginReading(client, waiting);
}

/** Never commits: a rollback also undoes settings that a query made for the session. */
export async function endReading(client: pg.Client): Promise<void> {
  // On a lost connection there is nothing to roll back.
  await client.query('rollback').catch(() => {});
  await client.end().catch(() => {});
}
