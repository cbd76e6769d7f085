import { randomBytes } from 'node:crypto';
import { open, rename, rm } from 'node:fs/promises';

/**
 * Replaces a file whole: a reader sees the old content or the new. What is put beside it meanwhile ends in `.tmp`.
 * @param mode who may read it, whatever the umask is
 */
export async function replaceFile(path: string, content: string, mode: number): Promise<void> {
  const temporary = `${path}.${randomBytes(6).toString('hex')}.tmp`;
  try {
    await using handle = await open(temporary, 'wx', mode);
    // A umask takes away what it likes.
    await handle.chmod(mode);
    await handle.writeFile(content);
    await handle.sync();
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true }).catch(() => {});
    throw error;
  }
}
