import { chmod, realpath, stat } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { InvalidDestination } from '../contract/destination-error.ts';
import { makePath } from '../make-path.ts';
import { accountFor, firstUnreachable, handOver, type ServerDirectory } from './account.ts';
import { hasCluster, refuseForeignCluster } from './cluster.ts';

/**
 * Creates DIR if it is missing, refuses a directory that is not ours, and gives it to the server's account with the permissions
 * that PostgreSQL requires (none for others). With `create` false, a directory without a cluster is refused.
 */
export async function prepareDirectory(given: string, create: boolean): Promise<ServerDirectory> {
  if (create) await makeDirectories(resolve(given));
  else if (!(await hasCluster(given))) {
    throw new InvalidDestination(`there is no database in ${given}: chat-export run creates it`);
  }
  const dir = await realpath(given);
  const owner = await stat(dir);
  if (!owner.isDirectory()) throw new InvalidDestination(`${dir} is not a directory`);
  const account = await accountFor(dir, owner);
  await refuseForeignCluster(dir);
  const closed = await firstUnreachable(dirname(dir), account);
  if (closed !== undefined) {
    throw new InvalidDestination(
      `${dir} cannot be reached by user ${account?.uid ?? owner.uid}, as whom PostgreSQL runs (it refuses root): ` +
        `that user may not enter ${closed}. chmod o+x ${closed}, or give another directory`,
    );
  }
  if (account && owner.uid !== account.uid) await handOver(dir, account);
  // The right to enter lasts only while another process creates the cluster, which removes it.
  if ((owner.mode & 0o026) !== 0) await chmod(dir, 0o700);
  return { dir, account };
}

/** Like `mkdir -p`. A strict umask of root must not close new directories to the server's account. */
async function makeDirectories(path: string): Promise<void> {
  const first = await makePath(path);
  if (first === undefined || process.getuid?.() !== 0) return;
  for (let made = dirname(path); made.startsWith(first); made = dirname(made)) await chmod(made, 0o755);
}
