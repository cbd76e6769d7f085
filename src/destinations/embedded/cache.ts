import { chmod, cp, lstat, mkdir, mkdtemp, readdir, readFile, rename, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DestinationError } from '../contract/destination-error.ts';
import { homeDirectory } from '../postgres/connect/home-directory.ts';
import { firstUnreachable } from './account.ts';
import { type Binaries, binariesIn, whyUnusable } from './binaries.ts';
import type { Account } from './command.ts';

/**
 * The installed binaries, or a copy that the account can run. A copy is needed when the installation is read-only without its
 * links, or below a closed directory. It takes some 55 MB in a cache directory, and is made once for each version.
 */
export async function usableBinaries(
  home: string,
  account: Account | undefined,
  caches: readonly string[] = cacheDirectories(),
): Promise<Binaries> {
  let reason = await whyUnusable(home, account);
  if (reason === undefined) return binariesIn(home);
  for (const cache of caches) {
    const copy = await copyInto(cache, home, account).catch((error: Error) => {
      reason += `; ${error.message}`;
    });
    if (!copy) continue;
    const fault = await whyUnusable(copy, account);
    if (fault === undefined) return binariesIn(copy);
    reason += `; in ${cache}: ${fault}`;
  }
  throw new DestinationError(
    `the PostgreSQL binaries in ${home} cannot be run${account ? ` by user ${account.uid}` : ''}: ${reason}`,
  );
}

function cacheDirectories(): string[] {
  const uid = process.getuid?.() ?? 0;
  const home = homeDirectory();
  const own =
    uid === 0 ? '/var/cache' : process.env.XDG_CACHE_HOME || (home === null ? null : join(home, '.cache'));
  return [...(own === null ? [] : [join(own, 'chat-export')]), join(tmpdir(), `chat-export-cache-${uid}`)];
}

/** The path of the copy, or `undefined` when the cache cannot be trusted or reached. */
async function copyInto(
  cache: string,
  home: string,
  account: Account | undefined,
): Promise<string | undefined> {
  await mkdir(cache, { recursive: true });
  const { uid, mode } = await lstat(cache);
  // Its files will be executed: no other account may be able to write them.
  if (uid !== process.getuid?.() || (mode & 0o170022) !== 0o040000)
    throw new Error(`${cache} is not only ours`);
  await chmod(cache, 0o755);
  const closed = await firstUnreachable(cache, account);
  if (closed !== undefined) throw new Error(`${closed} cannot be entered`);
  const copy = join(cache, `postgres-${await packageVersion(home)}`);
  if (await lstat(copy).catch(() => undefined)) return copy;
  const making = await mkdtemp(`${copy}-`);
  try {
    for (const part of ['bin', 'lib', 'share', 'pg-symlinks.json']) {
      await cp(join(home, part), join(making, part), {
        recursive: true,
        verbatimSymlinks: true,
        filter: (source) => !source.endsWith('.a'),
      }).catch((error: NodeJS.ErrnoException) => {
        if (error.code !== 'ENOENT') throw error;
      });
    }
    await openToAll(making);
    // Another process was quicker: its copy is as good.
    await rename(making, copy).catch(() => {});
  } finally {
    await rm(making, { recursive: true, force: true });
  }
  return copy;
}

async function packageVersion(home: string): Promise<string> {
  const text = await readFile(join(home, '..', 'package.json'), 'utf8').catch(() => '{}');
  const { version = 'unknown' }: { version?: string } = JSON.parse(text);
  return `${version}-${process.platform}-${process.arch}`;
}

/** An installation under umask 077 is readable only for its owner, and its copy at first is, too. */
async function openToAll(directory: string): Promise<void> {
  await chmod(directory, 0o755);
  for (const entry of await readdir(directory, { withFileTypes: true })) {
    const path = join(directory, entry.name);
    if (entry.isDirectory()) await openToAll(path);
    else if (entry.isFile()) await chmod(path, 0o755);
  }
}
