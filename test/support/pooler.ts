import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { chown, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { accountFor } from '../../src/destinations/embedded/account.ts';
import { temporaryDirectory } from './directory.ts';
import { freePort } from './free-port.ts';
import { LineWatch } from './line-watch.ts';

const binary =
  ['/usr/sbin/pgbouncer', '/usr/bin/pgbouncer', '/usr/local/bin/pgbouncer'].find(existsSync) ?? null;

/** Whether this machine has no pooler to test with; CI must have one. */
export const noPooler = binary === null && !process.env.CI;

/** Settings of pgbouncer, by name. */
export type PoolerSettings = Readonly<Record<string, string | number>>;

/** A pgbouncer before the server of a test database, until the test ends. @returns the database's URL through it */
export async function startPooler(databaseUrl: string, settings: PoolerSettings): Promise<string> {
  if (binary === null) throw new Error('pgbouncer is not on this machine: apt-get install pgbouncer');
  const directory = await temporaryDirectory();
  const { searchParams, pathname } = new URL(databaseUrl);
  const port = await freePort();
  const ini = join(directory, 'pgbouncer.ini');
  const all = {
    listen_addr: '127.0.0.1',
    listen_port: port,
    unix_socket_dir: '',
    auth_type: 'any',
    ...settings,
  };
  // In apostrophes: the directory for temporary files may have a space in its name.
  const server = `host='${searchParams.get('host')}' port=${searchParams.get('port')} user=postgres`;
  const lines = Object.entries(all).map(([name, value]) => `${name} = ${value}`);
  await writeFile(ini, `[databases]\n* = ${server}\n[pgbouncer]\n${lines.join('\n')}\n`);
  // It refuses to run as root, and the server's socket is its account's alone.
  const account = process.getuid?.() === 0 ? await accountFor(directory, { uid: 0, gid: 0 }) : undefined;
  if (account) await chown(ini, account.uid, account.gid);
  const child = spawn(binary, [ini], { cwd: directory, stdio: ['ignore', 'ignore', 'pipe'], ...account });
  const watch = new LineWatch();
  const add = watch.source();
  child.stderr.setEncoding('utf8').on('data', add);
  const ended = new Promise((resolve) => child.once('close', resolve));
  child.once('close', (code) => watch.end(`pgbouncer ended (${code})`));
  onTestFinished(async () => {
    child.kill('SIGKILL');
    await ended;
  });
  await watch.waitFor(/process up/);
  return `postgres://postgres@127.0.0.1:${port}${pathname}`;
}
