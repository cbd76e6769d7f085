import { access } from 'node:fs/promises';
import { systemCode } from '../errors/system-error.ts';

/** Whether a path exists. @throws when the file system does not say: a failure must not count as an absence */
export async function exists(path: string): Promise<boolean> {
  try {
    await access(path);
    return true;
  } catch (error) {
    if (['ENOENT', 'ENOTDIR'].includes(systemCode(error) ?? '')) return false;
    throw error;
  }
}
