import { stat } from 'node:fs/promises';
import { join } from 'node:path';

/** Every cluster has this file, and no server ever writes it anew. */
const mark = 'PG_VERSION';

/**
 * Whether the cluster that is in a directory now will still be there. A server does not tell: for up to a minute it works on
 * with the files that it has open.
 */
export async function presenceOf(dir: string): Promise<() => Promise<boolean>> {
  const path = join(dir, mark);
  const { dev, ino } = await stat(path);
  return () =>
    stat(path).then(
      (now) => now.dev === dev && now.ino === ino,
      (error: NodeJS.ErrnoException) => error.code !== 'ENOENT' && error.code !== 'ENOTDIR',
    );
}
