import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import pg from 'pg';

/** What `postmaster.pid` in a running server's directory says (PostgreSQL's `pidfile.h`). */
export interface Postmaster {
  readonly pid: number;
  readonly port: number;
  readonly socketDir: string;
  /** The TCP address it listens on, or ''. */
  readonly address: string;
  readonly ready: boolean;
}

/** Reads `postmaster.pid`; `undefined` where there is none, or a server has only begun to write it. */
export async function readPostmaster(dir: string): Promise<Postmaster | undefined> {
  const text = await readFile(join(dir, 'postmaster.pid'), 'utf8').catch(() => '');
  const [pid, , , port, socketDir, address = '', , status = ''] = text.split('\n');
  if (!pid || !port || !socketDir) return undefined;
  return { pid: Number(pid), port: Number(port), socketDir, address, ready: status.trim() === 'ready' };
}

/** The connection string of a server's `postgres` database, as libpq and node-postgres read it. */
export function connectionString({ socketDir, port }: Pick<Postmaster, 'socketDir' | 'port'>): string {
  return `postgres:///postgres?host=${encodeURIComponent(socketDir)}&port=${port}&user=postgres`;
}

/** Whether a server answers there and its data is in this directory. */
export async function answers(postmaster: Postmaster, dir: string): Promise<boolean> {
  const client = new pg.Client({
    connectionString: connectionString(postmaster),
    connectionTimeoutMillis: 10_000,
  });
  client.on('error', () => {});
  try {
    await client.connect();
    const { rows } = await client.query<{ data_directory: string }>('show data_directory');
    return rows[0]?.data_directory === dir;
  } catch {
    return false;
  } finally {
    await client.end().catch(() => {});
  }
}
