import { chmod, chown, mkdtemp, readdir, readFile, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { systemCode } from '../../errors/system-error.ts';
import { DestinationError, InvalidDestination } from '../contract/destination-error.ts';
import { exists } from '../exists.ts';
import { handOver, hasName, namedAccount, type ServerDirectory } from './account.ts';
import type { Binaries } from './binaries.ts';
import { type Account, inOneLine, runBinary } from './command.ts';
import { clusterName, clusterSettings } from './settings.ts';

/** The PostgreSQL major version of the binaries. They cannot open a cluster of another version. */
const majorVersion = '18';

/** initdb works in a directory of this name inside DIR. A leftover is removed. */
const inTheMaking = '.chat-export-initdb-';
/** Its name once it is complete. The entries of a leftover are moved up into DIR. */
const readyToMove = '.chat-export-cluster';

/** File systems and desktops put these into directories that people consider empty. */
const ignored = new Set(['lost+found', '.DS_Store']);

/** Whether DIR has a cluster. A directory that our account may not enter counts, and is refused later. */
export async function hasCluster(dir: string): Promise<boolean> {
  return (await mayExist(join(dir, 'PG_VERSION'))) || (await mayExist(join(dir, readyToMove)));
}

async function mayExist(path: string): Promise<boolean> {
  return await exists(path).catch((error) => systemCode(error) === 'EACCES');
}

/** Refuses a directory that holds anything but a cluster of ours, so that no other files are touched. */
export async function refuseForeignCluster(dir: string): Promise<void> {
  const names = await readdir(dir);
  const entries = names.filter((name) => !ignored.has(name) && !name.startsWith('.chat-export-'));
  if (entries.length === 0 || names.includes(readyToMove)) return;
  const version = await readFile(join(dir, 'PG_VERSION'), 'utf8').catch(() => undefined);
  if (version === undefined) {
    throw new InvalidDestination(
      `${dir} is not empty and holds no PostgreSQL cluster: give a new or empty directory`,
    );
  }
  if (version.trim() !== majorVersion) {
    throw new InvalidDestination(
      `${dir} was made by PostgreSQL ${version.trim()}, the embedded binaries are PostgreSQL ${majorVersion}: ` +
        'move its data over with pg_dump or pg_upgrade, or give another directory',
    );
  }
  const settings = await readFile(join(dir, 'postgresql.conf'), 'utf8').catch(() => '');
  if (!new RegExp(`^cluster_name *= *'?${clusterName}'?`, 'm').test(settings)) {
    throw new InvalidDestination(
      `${dir} is a PostgreSQL cluster that this program did not make: give another directory, ` +
        'or start that server and use --to postgres://…',
    );
  }
}

/**
 * Creates the cluster in DIR if it is missing: UTF8 with PostgreSQL's own C.UTF-8, whatever the environment says, since the
 * system may lack a locale. After a kill at any point, the next call continues.
 */
export async function ensureCluster(
  { dir, account }: ServerDirectory,
  binaries: Binaries,
  durable: boolean,
): Promise<void> {
  if (!(await exists(join(dir, 'PG_VERSION'))) && !(await exists(join(dir, readyToMove)))) {
    const making = await mkdtemp(join(dir, inTheMaking));
    const maker = await makerFor(account);
    if (maker !== undefined) await chown(making, maker.uid, maker.gid);
    // Only the right to enter: other entries stay hidden.
    if (maker !== account) await chmod(dir, 0o711);
    const args = [
      ...['--pgdata', making, '--username', 'postgres', '--auth', 'trust', '--encoding', 'UTF8'],
      ...[
        '--locale',
        'C',
        '--locale-provider',
        'builtin',
        '--builtin-locale',
        'C.UTF-8',
        '--no-instructions',
      ],
      ...Object.entries(clusterSettings).flatMap(([name, value]) => ['--set', `${name}=${value}`]),
      ...(durable ? [] : ['--no-sync']),
    ];
    const { code, stdout, stderr } = await runBinary(binaries.initdb, args, { account: maker });
    if (code !== 0) {
      await rm(making, { recursive: true, force: true });
      throw initdbFailed(dir, inOneLine(stderr) || inOneLine(stdout));
    }
    await closeToOthers(dir);
    if (account !== undefined && maker !== account) await handOver(making, account);
    await rename(making, join(dir, readyToMove));
  }
  await closeToOthers(dir);
  await moveUp(dir);
}

/** PostgreSQL requires it. */
async function closeToOthers(dir: string): Promise<void> {
  const { mode } = await stat(dir);
  if ((mode & 0o027) !== 0) await chmod(dir, 0o700);
}

/** initdb, unlike the other programs, needs a name for its account. Its result does not depend on the name. */
async function makerFor(account: Account | undefined): Promise<Account | undefined> {
  if (account === undefined || process.getuid?.() !== 0 || (await hasName(account))) return account;
  return await namedAccount();
}

/** Containers often run as users without a name, which only initdb refuses. */
function initdbFailed(dir: string, said: string): Error {
  const failed = `initdb could not make a cluster in ${dir}:`;
  const [, uid] = /could not look up effective user ID (\d+)/.exec(said) ?? [];
  if (uid === undefined) return new DestinationError(`${failed} ${said}`);
  return new InvalidDestination(
    `${failed} it needs user ${uid} to have a name: give it a line in /etc/passwd, or use --to postgres://…`,
  );
}

async function moveUp(dir: string): Promise<void> {
  const ready = join(dir, readyToMove);
  const entries = await readdir(ready).catch(() => []);
  for (const name of entries) await rename(join(ready, name), join(dir, name));
  for (const name of await readdir(dir)) {
    if (name === readyToMove || name.startsWith(inTheMaking))
      await rm(join(dir, name), { recursive: true, maxRetries: 5 });
  }
}

/** Every cluster has this file, and no server ever replaces it. */
const mark = 'PG_VERSION';

/**
 * Whether the cluster in a directory is still there. A server does not notice its loss for up to a minute: it works with its open
 * files.
 */
export async function watchPresence(dir: string): Promise<() => Promise<boolean>> {
  const path = join(dir, mark);
  const { dev, ino } = await stat(path);
  return () =>
    stat(path).then(
      (now) => now.dev === dev && now.ino === ino,
      (error: NodeJS.ErrnoException) => error.code !== 'ENOENT' && error.code !== 'ENOTDIR',
    );
}
