import { lchown, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Account } from './command.ts';

/** Gives a directory and its whole content to an account. */
export async function handOver(path: string, account: Account): Promise<void> {
  for (const entry of await readdir(path, { withFileTypes: true })) {
    const below = join(path, entry.name);
    if (entry.isDirectory()) await handOver(below, account);
    else await lchown(below, account.uid, account.gid);
  }
  await lchown(path, account.uid, account.gid);
}
