import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import pg from 'pg';
import { startEmbeddedServer } from '../../src/destinations/embedded/server.ts';

/** A PostgreSQL 18 of the bench's own, as safe at a power cut as any, so that commits have their usual cost. */
export interface Server extends AsyncDisposable {
  /** Creates a fresh, empty database; returns its connection string. */
  createDatabase(): Promise<string>;
  /** Drops one again. The write-ahead log belongs to the whole server: later writes of autovacuum would be in it. */
  dropDatabase(url: string): Promise<void>;
}

export async function startServer(directory: string): Promise<Server> {
  const server = await startEmbeddedServer({ dir: join(directory, 'postgres') });
  let databases = 0;
  return {
    createDatabase: async () => {
      databases += 1;
      const name = `bench_${databases}`;
      await query(server.url, `create database ${name}`);
      const url = new URL(server.url);
      url.pathname = `/${name}`;
      return url.href;
    },
    dropDatabase: async (url) => {
      await query(server.url, `drop database ${new URL(url).pathname.slice(1)} with (force)`);
    },
    [Symbol.asyncDispose]: () => server.stop(),
  };
}

/** The rows of a query, as superuser. */
export async function query(url: string, sql: string): Promise<Record<string, unknown>[]> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query(sql)).rows;
  } finally {
    await client.end();
  }
}

/** Where the server's write-ahead log ends, in bytes from its beginning. */
export async function walPosition(url: string): Promise<number> {
  const [row] = await query(url, "select pg_wal_lsn_diff(pg_current_wal_lsn(), '0/0')::float8 as bytes");
  return Number(row?.bytes);
}

/** Flushes the server's memory to disk, so that later work does not pay for earlier work. */
export const settle = async (url: string): Promise<void> => {
  await query(url, 'checkpoint');
};

/** Runs a script in psql; returns its duration in seconds. @throws {Error} with its output when it failed */
export async function psql(directory: string, url: string, script: string): Promise<number> {
  const file = join(await mkdtemp(join(directory, 'psql-')), 'script.sql');
  await writeFile(file, script);
  const began = performance.now();
  const child = spawn('psql', ['-X', '-q', '-v', 'ON_ERROR_STOP=1', '-f', file, url], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let said = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    said += text;
  });
  const [code] = await once(child, 'close').catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'ENOENT') throw error;
    throw new Error('this bench needs psql: apt-get install postgresql-client');
  });
  if (code !== 0) throw new Error(`psql ended with ${code}: ${said}`);
  return (performance.now() - began) / 1000;
}
