import { mkdir, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { exists } from './exists.ts';

/**
 * Makes a directory with all that leads to it.
 * @returns the first one that was made; undefined when it was there
 */
export async function makePath(path: string, mode?: number): Promise<string | undefined> {
  try {
    await mkdir(path, { mode });
    return path;
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined;
    if (code === 'EEXIST' && (await stat(path)).isDirectory()) return undefined;
    const parent = dirname(path);
    // mkdir's own `recursive` never ends where a directory is there and takes none, as those of /proc.
    if (code !== 'ENOENT' || parent === path || (await exists(parent))) throw error;
    const first = await makePath(parent, mode);
    await makePath(path, mode);
    return first ?? path;
  }
}
