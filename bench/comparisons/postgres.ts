import { join } from 'node:path';
import pg from 'pg';
import { startEmbeddedServer } from '../../src/destinations/embedded/server.ts';
import { freePort } from '../../test/support/free-port.ts';

/** A PostgreSQL 18 that listens on TCP, since not every rival can use a Unix socket. */
export interface Server extends AsyncDisposable {
  /** Its first process. */
  readonly pid: number;
  createDatabase(name: string): Promise<string>;
}

/** Its settings are the defaults, as safe at a power cut as any, so that commits have their usual cost. */
export async function startServer(parent: string): Promise<Server> {
  const port = await freePort();
  const server = await startEmbeddedServer({ dir: join(parent, 'postgres'), port });
  // It asks for no password; some rivals insist on giving one.
  const url = (name: string): string => `postgresql://postgres:none@127.0.0.1:${port}/${name}`;
  return {
    pid: server.pid,
    createDatabase: async (name) => {
      await query(url('postgres'), `create database ${name}`);
      // Writes that the last rival left must not happen in the next one's time.
      await query(url('postgres'), 'checkpoint');
      return url(name);
    },
    [Symbol.asyncDispose]: () => server.stop(),
  };
}

/** The rows of a query. */
export async function query(connectionString: string, text: string): Promise<unknown[][]> {
  const client = new pg.Client({ connectionString });
  await client.connect();
  try {
    return (await client.query<unknown[]>({ text, rowMode: 'array' })).rows;
  } finally {
    await client.end();
  }
}
