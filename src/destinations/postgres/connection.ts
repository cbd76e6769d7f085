import type pg from 'pg';
import { type ConnectionOptions, dial } from './dial.ts';
import { NoAnswer } from './server-errors.ts';

const READY_WITHIN_MS = 60_000;

/** How long one try waits for what others hold. */
export const LOCK_TIMEOUT_MS = 60_000;

const SETTINGS = [
  // The server's own side: it notices a peer that vanished without a word, and gives its locks free.
  'set tcp_keepalives_idle = 10; set tcp_keepalives_interval = 5; set tcp_keepalives_count = 3',
  `set lock_timeout = ${LOCK_TIMEOUT_MS}; set search_path = pg_catalog, pg_temp`,
  // Whatever the database sets for its people: a plan is written for long, and the lock's connection is silent for hours.
  'set statement_timeout = 0; set idle_session_timeout = 0; set idle_in_transaction_session_timeout = 0',
  // A commit that is confirmed must survive a crash of the server. Stricter settings than this stay as they are.
  "select set_config('synchronous_commit', 'on', false) where current_setting('synchronous_commit') in ('off', 'local')",
  "set client_encoding = 'UTF8'; set datestyle = 'ISO'; set default_transaction_isolation = 'read committed'",
].join('; ');

/**
 * Opens a connection. Each of its later errors is told by the query that it breaks.
 * @param prepare makes it ready for its use; what it throws is thrown, and nothing stays open
 * @throws the server's or the system's error, of which `isConnectionLoss` tells whether trying again can help;
 * {DestinationUnusable} when the URL or a variable is wrong; {DestinationError} when the driver cannot make use of what
 * the server asks for, or the server's certificate is not right
 */
export async function connect(
  options: ConnectionOptions,
  prepare: (client: pg.Client) => Promise<unknown> = async () => {},
): Promise<pg.Client> {
  const client = await dial(options);
  let isLate = false;
  // A connection that is at something is not bidden farewell: it is closed at once, and what it is at ends with an error.
  const alarm = setTimeout(() => {
    isLate = true;
    client.end().catch(() => {});
  }, READY_WITHIN_MS);
  try {
    await settle(client);
    await prepare(client);
    return client;
  } catch (error) {
    await client.end().catch(() => {});
    throw isLate ? new NoAnswer(`no answer within ${READY_WITHIN_MS / 1000} s`) : error;
  } finally {
    clearTimeout(alarm);
  }
}

/** Makes a session what every statement of this program relies on, whatever the database sets for its people. */
export async function settle(client: pg.ClientBase): Promise<void> {
  await client.query(SETTINGS);
}
