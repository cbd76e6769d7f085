import { access, appendFile, chown, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { namedAccount } from '../../src/destinations/embedded/account.ts';
import { runBinary } from '../../src/destinations/embedded/command.ts';
import { removeSocketDirectory, socketDirectoryFor } from '../../src/destinations/embedded/socket.ts';

/** A server over a directory of its own, on a Unix socket in it, or elsewhere where its path is too long for one. */
export interface DebianServer {
  /** Database `postgres`. */
  readonly url: string;
  stop(): Promise<void>;
}

/** The directory of Debian and Ubuntu for the binaries of a major version; null when they are not installed. */
export async function debianBinaries(version: string): Promise<string | null> {
  const home = `/usr/lib/postgresql/${version}/bin`;
  return await access(join(home, 'initdb')).then(
    () => home,
    () => null,
  );
}

/**
 * Creates a cluster in a new directory and starts it, as `nobody` if this process is root. Debian's own clusters are not touched.
 */
export async function startDebianServer(home: string, dir: string): Promise<DebianServer> {
  await mkdir(dir, { mode: 0o700 });
  const account = process.getuid?.() === 0 ? await namedAccount() : undefined;
  if (account) await chown(dir, account.uid, account.gid);
  const run = async (name: string, ...args: string[]): Promise<void> => {
    const { code, stdout, stderr } = await runBinary(join(home, name), args, { account, cwd: dir });
    if (code !== 0) throw new Error(`${name} ended with ${code}: ${stderr || stdout}`);
  };
  await run(
    'initdb',
    '--pgdata',
    dir,
    ...['--username', 'postgres', '--auth', 'trust'],
    ...['--encoding', 'UTF8', '--locale', 'C.UTF-8', '--no-sync', '--no-instructions'],
  );
  const socketDir = await socketDirectoryFor(dir, account);
  const settings = [
    "listen_addresses = ''",
    `unix_socket_directories = '${socketDir}'`,
    'fsync = off',
    'synchronous_commit = off',
    'full_page_writes = off',
    "timezone = 'UTC'",
    'max_connections = 200',
  ];
  await appendFile(join(dir, 'postgresql.conf'), `${settings.join('\n')}\n`);
  await run('pg_ctl', 'start', '-w', '-s', '--pgdata', dir, '-l', join(dir, 'server.log'));
  return {
    url: `postgres:///postgres?host=${encodeURIComponent(socketDir)}&port=5432&user=postgres`,
    stop: async () => {
      await run('pg_ctl', 'stop', '-w', '-s', '-m', 'fast', '--pgdata', dir);
      await removeSocketDirectory(socketDir);
    },
  };
}
