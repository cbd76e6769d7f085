import type pg from 'pg';
import { DestinationError, InvalidDestination } from '../../contract/destination-error.ts';
import { makeReady, settle } from './connection.ts';
import { watchConnection } from './connection-watch.ts';
import { type ConnectionOptions, dial } from './dial.ts';
import { refuseSharedSessions, serverProcess } from './pooler.ts';
import { whyReadOnly } from './read-only-server.ts';
import { beginReading, connectToRead } from './read-transaction.ts';
import { lockTimeoutMs } from './waiting.ts';

/**
 * The first connection of a command that writes. An unsuitable pooler or database is refused here, before anything is set or
 * written.
 * @throws {InvalidDestination} for a pooler that shares sessions, and for another encoding than UTF8; {DestinationError} for a
 * server that takes no writes; as `connect` does
 */
export const firstConnection = (options: ConnectionOptions): Promise<pg.Client> =>
  dialFirst(options, async (client) => {
    const why = await whyReadOnly(client);
    if (why !== null) throw new DestinationError(`${options.name} ${why.message}; ${why.hint}`);
    await settle(client);
    await setLockTimeout(client, options.waiting);
  });

/** The same for a command that only inspects: in a read-only transaction, also on a server that takes no writes. */
export const firstLook = (options: ConnectionOptions): Promise<pg.Client> =>
  dialFirst(options, async (client) => {
    await beginReading(client);
    await setLockTimeout(client, options.waiting);
  });

/**
 * A connection for reading, in a transaction, also through any pooler.
 * @throws {InvalidDestination} for another encoding than UTF8; as `connect` does
 */
export async function readingConnection(options: ConnectionOptions): Promise<pg.Client> {
  const client = await connectToRead(options);
  try {
    await requireUtf8(client, options.name);
    return client;
  } catch (error) {
    await client.end().catch(() => {});
    throw error;
  }
}

async function dialFirst(
  options: ConnectionOptions,
  prepare: (client: pg.Client) => Promise<void>,
): Promise<pg.Client> {
  const { name, waiting } = options;
  waiting?.stop.throwIfAborted();
  const client = await dial(options);
  await makeReady(client, async () => {
    await refuseSharedSessions(client, () => dial(options), name);
    // From here on, waits for others are reported, and end after the allowed time.
    if (waiting !== undefined) watchConnection(client, options, waiting, await serverProcess(client));
    await requireUtf8(client, name);
    await prepare(client);
  });
  return client;
}

async function requireUtf8(client: pg.Client, name: string): Promise<void> {
  const { rows } = await client.query('show server_encoding');
  const encoding = String(rows[0]?.server_encoding);
  if (encoding === 'UTF8') return;
  throw new InvalidDestination(`${name} has encoding ${encoding}; a database with encoding UTF8 is needed`);
}

/** For this session, or for its current transaction. */
async function setLockTimeout(client: pg.Client, waiting: ConnectionOptions['waiting']): Promise<void> {
  if (waiting !== undefined) await client.query(`set lock_timeout = ${lockTimeoutMs(waiting)}`);
}
