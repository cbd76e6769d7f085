import { readFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { DestinationUnusable } from '../destination-error.ts';
import { type Account, runBinary } from './embedded-command.ts';

/** A directory that the server may be run on, and the account to run it as (`undefined`: our own). */
export interface ServerDirectory {
  readonly dir: string;
  readonly account: Account | undefined;
}

/**
 * The account for a server over a directory of this owner; `undefined` means our own.
 * Only root may and must change accounts: PostgreSQL refuses to run as root.
 */
export async function accountFor(dir: string, owner: Account): Promise<Account | undefined> {
  if (process.getuid?.() === 0) {
    return owner.uid === 0 ? await nobody() : { uid: owner.uid, gid: owner.gid };
  }
  if (owner.uid !== process.getuid?.()) {
    throw new DestinationUnusable(
      `${dir} belongs to user ${owner.uid}, this process runs as user ${process.getuid?.()}: ` +
        'run as that user, or give another directory',
    );
  }
  return undefined;
}

async function nobody(): Promise<Account> {
  const passwd = await readFile('/etc/passwd', 'utf8').catch(() => '');
  const [, uid, gid] = /^nobody:[^:]*:(-?\d+):(-?\d+):/m.exec(passwd) ?? [];
  return { uid: Number(uid ?? 65534), gid: Number(gid ?? 65534) };
}

/**
 * The first of the path's directories (from `/` down, the path itself included) that the account may not enter,
 * or `undefined`. A directory or file counts as entered when it is executable for the account.
 * The kernel is asked, so access lists count too.
 */
export async function firstUnreachable(
  path: string,
  account: Account | undefined,
): Promise<string | undefined> {
  const script = 'for p; do [ -x "$p" ] || { printf %s "$p"; exit 1; }; done';
  const { code, stdout } = await runBinary('/bin/sh', ['-c', script, 'sh', ...downTo(path)], { account });
  return code === 0 ? undefined : stdout;
}

function downTo(path: string): string[] {
  const parent = dirname(path);
  return parent === path ? [path] : [...downTo(parent), path];
}
