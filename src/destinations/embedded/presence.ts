import { stat } from 'node:fs/promises';
import { join } from 'node:path';

/** Every cluster has this file, and no server ever replaces it. */
const mark = 'PG_VERSION';

/**
 * Whether the cluster in a directory is still there. A server does not notice its loss for up to a minute: it works with its open
 * files.
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
