import type pg from 'pg';
import { watchConnection } from './connection-watch.ts';
import { type ConnectionOptions, dial } from './dial.ts';
import { serverProcess } from './pooler.ts';
import { fatal, ServerUnresponsive } from './server-errors.ts';
import { sessionSettings } from './settings.ts';
import { lockTimeoutOf } from './waiting.ts';

const READY_WITHIN_MS = 60_000;

/**
 * Opens a connection for writing, with the settings of its session. Each of its later errors is told by the query that it breaks.
 * @param prepare makes it ready for its use; what it throws is thrown, and nothing stays open
 * @throws the server's or the system's error, of which `isConnectionLoss` tells whether trying again can help;
 * {InvalidDestination} when the URL or a variable is wrong; {DestinationError} when the driver cannot make use of what
 * the server asks for, or the server's certificate is not right
 */
export function connect(
  options: ConnectionOptions,
  prepare: (client: pg.Client) => Promise<unknown> = async () => {},
): Promise<pg.Client> {
  return connectUnset(options, async (client) => {
    await settle(client);
    if (options.waiting !== undefined)
      await client.query(`set lock_timeout = ${lockTimeoutOf(options.waiting)}`);
    await prepare(client);
  });
}

/**
 * The same without any setting: the session may be one of a pool, which other programs use next. It is watched once it is
 * ready, where others may keep it waiting only so long. @throws as `connect`
 */
export async function connectUnset(
  options: ConnectionOptions,
  prepare: (client: pg.Client) => Promise<unknown>,
): Promise<pg.Client> {
  const client = await dial(options).catch((error: unknown) => {
    // Before a session has begun every error ends it, whatever word the server's language has for that.
    throw fatal(error);
  });
  await makeReady(client, async () => {
    await prepare(client);
    if (options.waiting === undefined) return;
    watchConnection(client, options, options.waiting, await serverProcess(client));
  });
  return client;
}

/** Makes a new connection ready for its use, within a minute. Where that fails, nothing stays open. */
export async function makeReady(client: pg.Client, prepare: () => Promise<unknown>): Promise<void> {
  let isLate = false;
  // A connection that is at something is not bidden farewell: it is closed at once, and what it is at ends with an error.
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

/** Makes a session what every statement of this program relies on, whatever the database sets for its people. */
export async function settle(client: pg.ClientBase): Promise<void> {
  await client.query(sessionSettings());
}
