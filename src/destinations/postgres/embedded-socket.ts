import { chown, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { DestinationUnusable } from '../destination-error.ts';
import type { Account } from './embedded-command.ts';

/** Longest path of a Unix socket in bytes: sun_path holds 108 with its end on Linux, 104 on macOS. */
const longestPath = process.platform === 'darwin' ? 103 : 107;
const longestName = '/.s.PGSQL.65535';
const prefix = 'chat-export-socket-';

/**
 * Where the server's socket goes: into DIR, which only its account may enter; where that path is too long, or would
 * need quoting in a shell, into a new private directory under the system's temporary one.
 */
export async function socketDirectoryFor(dir: string, account: Account | undefined): Promise<string> {
  if (fits(dir)) return dir;
  if (!fits(join(tmpdir(), `${prefix}XXXXXX`))) {
    throw new DestinationUnusable(
      `neither ${dir} nor the temporary directory ${tmpdir()} can hold the server's socket (at most ${longestPath} ` +
        'bytes of letters, digits and _./@%+=:-): set TMPDIR to a short path',
    );
  }
  const socketDir = await mkdtemp(join(tmpdir(), prefix));
  if (account) await chown(socketDir, account.uid, account.gid);
  return socketDir;
}

/** Removes a socket directory that `socketDirectoryFor` made; never DIR. */
export async function removeSocketDirectory(socketDir: string): Promise<void> {
  if (dirname(socketDir) === tmpdir() && socketDir.startsWith(join(tmpdir(), prefix))) {
    await rm(socketDir, { recursive: true, force: true });
  }
}

function fits(dir: string): boolean {
  return /^[\w./@%+=:-]+$/.test(dir) && Buffer.byteLength(dir + longestName) <= longestPath;
}
