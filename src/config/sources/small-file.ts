import { open } from 'node:fs/promises';

/** An invalid file. The message gives the reason in words that follow the file's name, without content. */
export class SmallFileError extends Error {
  override readonly name = 'SmallFileError';
}

/**
 * The text of a file of at most `limit` bytes, without a byte order mark. Reads no more than the limit, so that an endless device
 * or pipe does no harm.
 * @throws SmallFileError when it is missing, unreadable, a directory, too long, or not UTF-8 text
 */
export async function readSmallFile(path: string, limit: number): Promise<string> {
  const bytes = await readAtMost(path, limit + 1);
  if (bytes.length > limit) throw new SmallFileError(`is longer than ${limit.toLocaleString('en')} bytes`);
  if (bytes.includes(0)) throw new SmallFileError('is not a text file');
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch (cause) {
    throw new SmallFileError('is not UTF-8 text', { cause });
  }
}

async function readAtMost(path: string, most: number): Promise<Buffer> {
  try {
    const file = await open(path, 'r');
    try {
      const chunks: Buffer[] = [];
      let length = 0;
      while (length < most) {
        const chunk = Buffer.alloc(Math.min(65_536, most - length));
        const { bytesRead } = await file.read(chunk, 0, chunk.length);
        if (bytesRead === 0) break;
        chunks.push(chunk.subarray(0, bytesRead));
        length += bytesRead;
      }
      return Buffer.concat(chunks);
    } finally {
      await file.close();
    }
  } catch (cause) {
    throw new SmallFileError(reason(cause), { cause });
  }
}

const reasons: ReadonlyMap<unknown, string> = new Map([
  ['ENOENT', 'does not exist'],
  ['ENOTDIR', 'does not exist'],
  ['EACCES', 'is not readable for this user'],
  ['EPERM', 'is not readable for this user'],
  ['EISDIR', 'is a directory'],
  ['ELOOP', 'is a broken symbolic link'],
  ['ENAMETOOLONG', 'has too long a name'],
]);

function reason(cause: unknown): string {
  const code = cause instanceof Error && 'code' in cause ? cause.code : undefined;
  return reasons.get(code) ?? `cannot be read (${typeof code === 'string' ? code : 'unknown error'})`;
}
