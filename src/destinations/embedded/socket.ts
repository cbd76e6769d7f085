import { chown, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { InvalidDestination } from '../contract/destination-error.ts';
import type { Account } from './command.ts';

/** Longest path of a Unix socket in bytes: sun_path holds 108 with its end on Linux, 104 on macOS. */
const longestPath = process.platform === 'darwin' ? 103 : 107;
const longestName = '/.s.PGSQL.65535';
const prefix = 'chat-export-socket-';

/** The system's temporary directory, and shorter ones if its path is too long. */
const temporaryDirectories = (): string[] => [...new Set([tmpdir(), '/tmp', '/var/tmp'])];

/**
 * The directory of the server's socket: DIR, which only its account may enter. If that path is too long, or needs quoting in a
 * shell, a new private directory under a temporary one.
 */
export async function socketDirectoryFor(dir: string, account: Account | undefined): Promise<string> {
  if (fits(dir)) return dir;
  const short = temporaryDirectories().filter((parent) => fits(join(parent, `${prefix}XXXXXX`)));
  let failure: unknown;
  for (const parent of short) {
    try {
      const socketDir = await mkdtemp(join(parent, prefix));
      if (account) await chown(socketDir, account.uid, account.gid);
      return socketDir;
    } catch (error) {
      failure = error;
    }
  }
  throw new InvalidDestination(
    `none of ${[dir, ...temporaryDirectories()].join(', ')} can hold the server's socket (a directory to write to, at most ` +
      `${longestPath} bytes of letters, digits and _./@%+=:-): set TMPDIR to a short path`,
    { cause: failure },
  );
}

/** Removes a socket directory that `socketDirectoryFor` created; never DIR. */
export async function removeSocketDirectory(socketDir: string): Promise<void> {
  if (!basename(socketDir).startsWith(prefix)) return;
  if (!temporaryDirectories().includes(dirname(socketDir))) return;
  await rm(socketDir, { recursive: true, force: true });
}

function fits(dir: string): boolean {
  return /^[\w./@%+=:-]+$/.test(dir) && Buffer.byteLength(dir + longestName) <= longestPath;
}
