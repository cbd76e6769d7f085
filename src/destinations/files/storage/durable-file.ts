import { randomBytes } from 'node:crypto';
import { constants } from 'node:fs';
import { copyFile, type FileHandle, open, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';

/** User data is readable only for its owner. */
export const FILE_MODE = 0o600;
export const DIRECTORY_MODE = 0o700;

/** Makes the entries of a directory durable: files that were created, renamed or removed. */
export async function syncDirectory(directory: string): Promise<void> {
  const handle = await open(directory, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** Writes a new file and makes its content durable. Its name is durable once its directory is synced. */
export const writeDurably = (path: string, content: string | Buffer | Iterable<string>): Promise<void> =>
  writeAndSync(path, 'wx', content);

// A process that was taken for dead and wakes up must not write into the file that its successor is about to put in place.
const OURS = randomBytes(6).toString('hex');
const temporaryPath = (path: string): string => `${path}.${OURS}.tmp`;

/** The ending of temporary copies. A kill leaves them behind. */
export const TEMPORARY = /\.[0-9a-f]{12}\.tmp$/;

/**
 * Replaces a file atomically: a reader, and a crash, see the old or the new content.
 * @param check called just before the new content is put in place, to prevent that with an error
 */
export async function replaceDurably(
  path: string,
  content: string | Iterable<string> | AsyncIterable<string>,
  check?: () => Promise<void>,
): Promise<void> {
  const temporary = temporaryPath(path);
  try {
    await writeAndSync(temporary, 'w', content);
    await check?.();
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true }).catch(() => {});
    throw error;
  }
  await syncDirectory(dirname(path));
}

/** Replaces a file by a copy, durably: a process with the old file open writes only to that. */
export async function replaceByCopy(path: string): Promise<void> {
  const temporary = temporaryPath(path);
  try {
    // If the file system can, the two share their blocks.
    await copyFile(path, temporary, constants.COPYFILE_FICLONE);
    await using copy = await open(temporary, 'r+');
    await copy.sync();
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true }).catch(() => {});
    throw error;
  }
}

/** Writes all pieces, in order, at an offset in a file. On a full disk, a write may succeed for a part only. */
export async function writeAt(
  handle: FileHandle,
  pieces: readonly Buffer[],
  position: number,
): Promise<void> {
  let left = pieces;
  let end = position;
  while (left.length > 0) {
    const { bytesWritten } = await handle.writev(left, end);
    end += bytesWritten;
    left = without(bytesWritten, left);
  }
}

/** The pieces without their first bytes, which are written. */
function without(bytes: number, pieces: readonly Buffer[]): readonly Buffer[] {
  let done = bytes;
  for (const [place, piece] of pieces.entries()) {
    if (piece.length > done) return [piece.subarray(done), ...pieces.slice(place + 1)];
    done -= piece.length;
  }
  return [];
}

async function writeAndSync(
  path: string,
  flag: 'w' | 'wx',
  content: string | Buffer | Iterable<string> | AsyncIterable<string>,
): Promise<void> {
  const handle = await open(path, flag, FILE_MODE);
  try {
    const pieces = typeof content === 'string' || Buffer.isBuffer(content) ? [content] : content;
    for await (const piece of pieces) await handle.appendFile(piece);
    await handle.sync();
  } finally {
    await handle.close();
  }
}
