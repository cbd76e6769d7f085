import { randomBytes } from 'node:crypto';
import { open, rename, rm } from 'node:fs/promises';

// For whoever collects metrics, which is another account; nothing of a user is in them.
const MODE = 0o644;

/** Replaces a file whole: a reader sees the old content or the new. What is put beside it meanwhile does not end in `.prom`. */
export async function replaceFile(path: string, content: string): Promise<void> {
  const temporary = `${path}.${randomBytes(6).toString('hex')}.tmp`;
  try {
    await using handle = await open(temporary, 'wx', MODE);
    // Also where the umask is for files that hold rows.
    await handle.chmod(MODE);
    await handle.writeFile(content);
    await handle.sync();
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true }).catch(() => {});
    throw error;
  }
}
