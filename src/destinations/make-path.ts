import { mkdir, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { systemCode } from '../errors/system-error.ts';
import { exists } from './exists.ts';

/**
 * Creates a directory and its parents.
 * @returns the first one that was created; undefined when all existed
 */
export async function makePath(path: string, mode?: number): Promise<string | undefined> {
  try {
    await mkdir(path, { mode });
    return path;
  } catch (error) {
    const code = systemCode(error);
    if (code === 'EEXIST' && (await stat(path)).isDirectory()) return undefined;
    const parent = dirname(path);
    // mkdir's own `recursive` never returns below an existing directory that refuses new entries, such as those of /proc.
    if (code !== 'ENOENT' || parent === path || (await exists(parent))) throw error;
    const first = await makePath(parent, mode);
    await makePath(path, mode);
    return first ?? path;
  }
}
