import type pg from 'pg';
import { watchConnection } from './connection-watch.ts';
import { type ConnectionOptions, dial } from './dial.ts';
import { serverProcess } from './pooler.ts';
import { fatal, ServerUnresponsive } from './server-errors.ts';
import { sessionSettings } from './settings.ts';
import { lockTimeoutMs } from './waiting.ts';

const READY_WITHIN_MS = 60_000;

/**
 * Opens a connection for writing, with the settings of its session. A later error of the connection is reported by the query that
 * it breaks.
 * @param prepare prepares the connection; when it throws, the connection is closed
 * @throws the server's or the system's error, of which `isConnectionLoss` says whether another try can help; {InvalidDestination}
 * when the URL or a variable is wrong; {DestinationError} when the driver does not support what the server asks for, or the
 * server's certificate is wrong
 */
export function connect(
  options: ConnectionOptions,
  prepare: (client: pg.Client) => Promise<unknown> = async () => {},
): Promise<pg.Client> {
  return connectUnset(options, async (client) => {
    await settle(client);
    if (options.waiting !== undefined)
      await client.query(`set lock_timeout = ${lockTimeoutMs(options.waiting)}`);
    await prepare(client);
  });
}

/**
 * The same without settings: the session may belong to a pool, which gives it to other programs next. If waiting is limited, the
 * connection is watched once it is ready. @throws as `connect`
 */
export async function connectUnset(
  options: ConnectionOptions,
  prepare: (client: pg.Client) => Promise<unknown>,
): Promise<pg.Client> {
  const client = await dial(options).catch((error: unknown) => {
    // Before a session has started every error ends it, in whatever language the server reports it.
    throw fatal(error);
  });
  await makeReady(client, async () => {
    await prepare(client);
    if (options.waiting === undefined) return;
    watchConnection(client, options, options.waiting, await serverProcess(client));
  });
  return client;
}

/** Prepares a new connection, within a minute. If that fails, it is closed. */
export async function makeReady(client: pg.Client, prepare: () => Promise<unknown>): Promise<void> {
  let isLate = false;
  // A busy connection is closed without a farewell: its work ends at once with an error.
  const alarm = setTimeout(() => {
    isLate = true;
    client.end().catch(() => {});
  }, READY_WITHIN_MS);
  try {
    await prepare();
  } catch (error) {
    await client.end().catch(() => {});
    throw isLate ? new ServerUnresponsive(`no answer within ${READY_WITHIN_MS / 1000} s`) : error;
  } finally {
    clearTimeout(alarm);
  }
}

/** Gives a session the settings that every statement of this program relies on, whatever the database's defaults. */
export async function settle(client: pg.ClientBase): Promise<void> {
  await client.query(sessionSettings());
}
