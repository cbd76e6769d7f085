import { lchown, readdir, readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { InvalidDestination } from '../contract/destination-error.ts';
import { type Account, runBinary } from './command.ts';

/** A directory that the server can run on, and the account for it (`undefined`: our own). */
export interface ServerDirectory {
  readonly dir: string;
  readonly account: Account | undefined;
}

/**
 * The account for a server over a directory of this owner; `undefined` means our own. Only root can and must change accounts:
 * PostgreSQL refuses to run as root.
 */
export async function accountFor(dir: string, owner: Account): Promise<Account | undefined> {
  if (process.getuid?.() === 0) {
    return owner.uid === 0 ? await ownAccount() : { uid: owner.uid, gid: owner.gid };
  }
  if (owner.uid !== process.getuid?.()) {
    throw new InvalidDestination(
      `${dir} belongs to user ${owner.uid}, this process runs as user ${process.getuid?.()}: ` +
        'run as that user, or give another directory',
    );
  }
  return undefined;
}

// Numbers that neither distributions nor systemd assign, and that exist in containers.
const OWN_ACCOUNTS = { first: 60_706, last: 61_183 };

/**
 * An account that no other program uses: daemons that share `nobody` could read and write the data. It needs no name. If this
 * machine has no such numbers, as in some containers, `nobody` is used.
 */
async function ownAccount(): Promise<Account> {
  const map = await readFile('/proc/self/uid_map', 'utf8').catch(() => '');
  for (let id = OWN_ACCOUNTS.first; id <= OWN_ACCOUNTS.last; id += 1) {
    if (isMapped(map, id) && !(await isTaken('passwd', id)) && !(await isTaken('group', id)))
      return { uid: id, gid: id };
  }
  return await namedAccount();
}

/** Whether a number exists in this user namespace. Each line has a first number, its number outside, and a count. */
const isMapped = (map: string, id: number): boolean =>
  map === '' ||
  map.split('\n').some((line) => {
    const [first = 0, , count = 0] = line.trim().split(/\s+/).map(Number);
    return first <= id && id < first + count;
  });

async function isTaken(database: 'passwd' | 'group', id: number): Promise<boolean> {
  const asked = await runBinary('getent', [database, String(id)]).catch(() => null);
  if (asked !== null) return asked.code === 0;
  const text = await readFile(`/etc/${database}`, 'utf8').catch(() => '');
  return text.split('\n').some((line) => line.split(':')[2] === String(id));
}

/** Whether the system has a name for an account. */
export const hasName = ({ uid }: Account): Promise<boolean> => isTaken('passwd', uid);

/** The account `nobody`: it has a name and no rights. */
export async function namedAccount(): Promise<Account> {
  const passwd = await readFile('/etc/passwd', 'utf8').catch(() => '');
  const [, uid, gid] = /^nobody:[^:]*:(-?\d+):(-?\d+):/m.exec(passwd) ?? [];
  return { uid: Number(uid ?? 65534), gid: Number(gid ?? 65534) };
}

/**
 * The first directory of the path (from `/` down, the path itself included) that the account may not enter, or `undefined`. A
 * directory or file can be entered when it is executable for the account. The kernel is asked, so access lists count, too.
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

/** Gives a directory and its whole content to an account. */
export async function handOver(path: string, account: Account): Promise<void> {
  for (const entry of await readdir(path, { withFileTypes: true })) {
    const below = join(path, entry.name);
    if (entry.isDirectory()) await handOver(below, account);
    else await lchown(below, account.uid, account.gid);
  }
  await lchown(path, account.uid, account.gid);
}
