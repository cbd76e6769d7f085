import { randomBytes } from 'node:crypto';
import { readdir, readlink, rename, symlink, unlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Waiting } from '../contract/waiting.ts';
import { BoundedWait } from './bounded-wait.ts';
import { processIdentity, processText } from './process.ts';

const lockName = '.chat-export-lock';
const userPrefix = '.chat-export-user-';

/**
 * Runs `work` while no other process starts or stops the server of DIR. The lock is a symbolic link whose target is the identity
 * of its holder. It is created and filled in one step, and free again when the holder is dead. A frozen holder keeps it, since it
 * continues its work when it wakes up.
 * @throws {DestinationTimeout} and {AbortedByStop} as `BoundedWait` does
 */
export async function withStartLock<Result>(
  dir: string,
  waiting: Waiting,
  work: () => Promise<Result>,
): Promise<Result> {
  const path = join(dir, lockName);
  const self = await ownIdentity();
  const wait = new BoundedWait(`embedded:${dir}`, waiting);
  for (;;) {
    const error = await symlink(self, path).then(
      () => undefined,
      (reason: NodeJS.ErrnoException) => reason,
    );
    if (!error) break;
    if (error.code !== 'EEXIST') throw error;
    const holder = await readlink(path).catch(() => undefined);
    if (holder !== undefined && !(await isAlive(holder))) await removeDead(path, holder);
    else {
      await wait.resume(async () => ({
        what: 'its server is being started or stopped by',
        who: await processText(notePid(holder)),
        next: `end that process, or resume it (kill -CONT ${notePid(holder)})`,
      }));
    }
  }
  try {
    return await work();
  } finally {
    await unlink(path).catch(() => {});
  }
}

/** Registers this process as a user of the server of DIR. `unregister` takes the returned path. Call it within `withStartLock`. */
export async function register(dir: string): Promise<string> {
  const note = join(dir, `${userPrefix}${await ownIdentity()}-${randomBytes(4).toString('hex')}`);
  await writeFile(note, '', { flag: 'wx' });
  return note;
}

/** Removes the registration. Returns whether no living process uses the server any more. Call it within `withStartLock`. */
export async function unregister(dir: string, note: string): Promise<boolean> {
  await unlink(note).catch(() => {});
  let last = true;
  for (const name of await readdir(dir)) {
    if (!name.startsWith(userPrefix)) continue;
    if (await isAlive(name.slice(userPrefix.length))) last = false;
    else await unlink(join(dir, name)).catch(() => {});
  }
  return last;
}

const notePid = (note: string | undefined): number => Number(note?.split('-')[0]);

async function isAlive(note: string): Promise<boolean> {
  const [pid, start] = note.split('-');
  return (await processIdentity(Number(pid))) === `${pid}-${start}`;
}

async function ownIdentity(): Promise<string> {
  return (await processIdentity(process.pid)) ?? `${process.pid}-0`;
}

/** Several processes may find a dead holder's lock. Each renames it before it removes it, so a new holder's lock is not lost. */
async function removeDead(path: string, holder: string): Promise<void> {
  const aside = `${path}-${randomBytes(4).toString('hex')}`;
  const moved = await rename(path, aside).then(
    () => true,
    () => false,
  );
  if (!moved) return;
  const found = await readlink(aside);
  if (found !== holder) await symlink(found, path).catch(() => {});
  await unlink(aside);
}
