import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { dial } from '../postgres/connect/dial.ts';
import { asPostgresError, isConnectionLoss } from '../postgres/connect/server-errors.ts';

/** The content of `postmaster.pid` in a running server's directory (PostgreSQL's `pidfile.h`). */
export interface Postmaster {
  readonly pid: number;
  readonly port: number;
  readonly socketDir: string;
  /** The TCP address it listens on, or ''. */
  readonly address: string;
  readonly ready: boolean;
}

/** Reads `postmaster.pid`; `undefined` when it is missing or incomplete. */
export async function readPostmaster(dir: string): Promise<Postmaster | undefined> {
  const text = await readFile(join(dir, 'postmaster.pid'), 'utf8').catch(() => '');
  const [pid, , , port, socketDir, address = '', , status = ''] = text.split('\n');
  if (!pid || !port || !socketDir) return undefined;
  return { pid: Number(pid), port: Number(port), socketDir, address, ready: status.trim() === 'ready' };
}

/**
 * The connection string of a server's `postgres` database, for libpq and node-postgres. It sets everything that the PG… variables
 * could change, since those describe other servers: `--` is the end of options, and there are none.
 */
export function connectionString(
  { socketDir, port }: Pick<Postmaster, 'socketDir' | 'port'>,
  role = 'postgres',
): string {
  const place = `host=${encodeURIComponent(socketDir)}&port=${port}`;
  return `postgres:///postgres?${place}&user=${role}&sslmode=disable&channel_binding=disable&options=--`;
}

/**
 * Whether a server answers there and has its data in this directory.
 * @throws {DestinationError} when a server answers and refuses permanently
 */
export async function answers(postmaster: Postmaster, dir: string): Promise<boolean> {
  const name = `embedded:${dir}`;
  try {
    const client = await dial({ url: connectionString(postmaster), name, purpose: 'embedded server' });
    try {
      const { rows } = await client.query<{ data_directory: string }>('show data_directory');
      return rows[0]?.data_directory === dir;
    } finally {
      await client.end().catch(() => {});
    }
  } catch (error) {
    if (isConnectionLoss(error)) return false;
    throw asPostgresError(error, name);
  }
}
