import type pg from 'pg';
import { DestinationUnusable } from '../destination-error.ts';
import { settle } from './connection.ts';
import { type ConnectionOptions, dial } from './dial.ts';
import { refuseSharedSessions } from './pooler.ts';

/**
 * The first connection of a command: a way or a database that could not serve a run is refused here, with nothing set
 * or written.
 * @throws {DestinationUnusable} for a pooler that shares sessions, and for another encoding than UTF8; as `connect` does
 */
export async function firstConnection(options: ConnectionOptions): Promise<pg.Client> {
  const { name } = options;
  const client = await dial(options);
  try {
    await refuseSharedSessions(client, () => dial(options), name);
    const { rows } = await client.query('show server_encoding');
    const encoding = String(rows[0]?.server_encoding);
    if (encoding !== 'UTF8') {
      throw new DestinationUnusable(
        `${name} has encoding ${encoding}; a database with encoding UTF8 is needed`,
      );
    }
    await settle(client);
    return client;
  } catch (error) {
    await client.end().catch(() => {});
    throw error;
  }
}
