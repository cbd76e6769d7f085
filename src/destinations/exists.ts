import { access } from 'node:fs/promises';

/** Whether a path exists. @throws when the file system does not say: a failure must not count as an absence */
export async function exists(path: string): Promise<boolean> {
  try {
    await access(path);
    return true;
  } catch (error) {
    if (error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'ENOTDIR'))
      return false;
    throw error;
  }
}
