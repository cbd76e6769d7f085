import { chmod, chown, mkdir, realpath, stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import { accountFor, firstUnreachable } from './embedded-account.ts';
import { type Binaries, binariesIn, linkLibraries, packagedHome } from './embedded-binaries.ts';
import { ensureCluster, refuseForeign } from './embedded-cluster.ts';
import { type Account, runBinary } from './embedded-command.ts';
import { EmbeddedServerError } from './embedded-error.ts';
import { answers, connectionString, type Postmaster, readPostmaster } from './embedded-postmaster.ts';
import { startOptions } from './embedded-settings.ts';
import { removeSocketDirectory, socketDirectoryFor } from './embedded-socket.ts';

export interface EmbeddedServerOptions {
  /** The cluster's directory: new, empty, or a cluster of this program. */
  readonly dir: string;
  /** Also listen on this TCP port of 127.0.0.1, for anyone on this machine without a password: for tests. */
  readonly port?: number;
  /** Default true. `false` trades safety at a power cut for speed: for databases that tests throw away. */
  readonly durable?: boolean;
}

export interface EmbeddedServer {
  /** For node-postgres and libpq: database `postgres`, over the socket. */
  readonly url: string;
  /** The directory's real path. */
  readonly dir: string;
  readonly socketDir: string;
  /** Process ID of the postmaster. */
  readonly pid: number;
  /** Whether the server was found running, left behind by a process that was killed. */
  readonly adopted: boolean;
  /** Ends the server in an orderly way (`pg_ctl stop -m fast`); calling it again waits for the same end. */
  stop(): Promise<void>;
}

const logFile = 'server.log';

/**
 * Starts the PostgreSQL server of a directory, making the cluster at first, or adopts the one that runs there.
 * The server is no child of this process and outlives its sudden death. Rejects with `EmbeddedServerError`.
 */
export async function startEmbeddedServer(options: EmbeddedServerOptions): Promise<EmbeddedServer> {
  const { port, durable = true } = options;
  const home = packagedHome();
  await mkdir(resolve(options.dir), { recursive: true });
  const dir = await realpath(options.dir);
  await refuseForeign(dir);
  const account = await accountFor(await stat(dir));
  if (account) await chown(dir, account.uid, account.gid);
  await chmod(dir, 0o700);
  const unreachable = await firstUnreachable(dir, account);
  if (unreachable) throw new EmbeddedServerError(`${unreachable} cannot be entered by user ${account?.uid}`);
  await linkLibraries(home);
  const binaries = binariesIn(home);

  const running = await readPostmaster(dir);
  if (running && (await answers(running, dir)))
    return serverOver(running, { dir, binaries, account, adopted: true });
  await ensureCluster(dir, { binaries, account, durable });
  const socketDir = await socketDirectoryFor(dir, account);
  const args = [
    'start',
    '-w',
    '-s',
    '-t',
    '300',
    '-l',
    logFile,
    '-o',
    startOptions({ socketDir, port, durable }),
  ];
  const { code, stdout, stderr } = await runBinary(binaries.pgCtl, args, {
    account,
    cwd: dir,
    env: { PGDATA: dir },
  });
  const started = await readPostmaster(dir);
  if (code !== 0 || !started) {
    await removeSocketDirectory(socketDir);
    throw new EmbeddedServerError(`the server of ${dir} did not start: ${stderr.trim() || stdout.trim()}`);
  }
  return serverOver(started, { dir, binaries, account, adopted: false });
}

function serverOver(
  postmaster: Postmaster,
  where: { dir: string; binaries: Binaries; account: Account | undefined; adopted: boolean },
): EmbeddedServer {
  const { dir, binaries, account, adopted } = where;
  const { pid, socketDir } = postmaster;
  const end = async () => {
    const args = ['stop', '-w', '-s', '-m', 'fast', '-t', '300'];
    const { code, stderr } = await runBinary(binaries.pgCtl, args, {
      account,
      cwd: dir,
      env: { PGDATA: dir },
    });
    if (code !== 0 && (await readPostmaster(dir))?.pid === pid) {
      throw new EmbeddedServerError(`the server of ${dir} (process ${pid}) did not stop: ${stderr.trim()}`);
    }
    await removeSocketDirectory(socketDir);
  };
  let ended: Promise<void> | undefined;
  return {
    url: connectionString(postmaster),
    dir,
    socketDir,
    pid,
    adopted,
    stop: () => {
      ended ??= end();
      return ended;
    },
  };
}
