import { type FileHandle, open, rename } from 'node:fs/promises';
import { dirname } from 'node:path';

/** User data is for its owner's eyes. */
export const FILE_MODE = 0o600;
export const DIRECTORY_MODE = 0o700;

/** Makes the names in a directory durable: what was created, renamed or removed there. */
export async function syncDirectory(directory: string): Promise<void> {
  const handle = await open(directory, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** Writes a new file and makes its content durable; its name is durable once its directory is synced. */
export async function writeDurably(path: string, content: string | Iterable<string>): Promise<void> {
  const handle = await open(path, 'wx', FILE_MODE);
  try {
    for (const piece of typeof content === 'string' ? [content] : content) await handle.appendFile(piece);
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** Writes all of a text at a place in a file; a disk that fills up takes a part of it without a word. */
export async function writeAt(handle: FileHandle, bytes: Buffer, position: number): Promise<void> {
  for (let done = 0; done < bytes.length; ) {
    done += (await handle.write(bytes, done, bytes.length - done, position + done)).bytesWritten;
  }
}

/** Replaces a file whole: a reader, and a crash, see the old content or the new. */
export async function replaceDurably(path: string, content: string | Iterable<string>): Promise<void> {
  const temporary = `${path}.tmp`;
  const handle = await open(temporary, 'w', FILE_MODE);
  try {
    for (const piece of typeof content === 'string' ? [content] : content) await handle.appendFile(piece);
    await handle.sync();
  } finally {
    await handle.close();
  }
  await rename(temporary, path);
  await syncDirectory(dirname(path));
}
