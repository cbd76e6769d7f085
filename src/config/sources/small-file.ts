import { open } from 'node:fs/promises';
import { systemCode, systemReason } from '../../errors/system-error.ts';
import { grouped } from '../../text/format.ts';

/** An invalid file. The message is a clause with the reason, without content. */
export class SmallFileError extends Error {
  override readonly name = 'SmallFileError';
}

/**
 * The text of a file of at most `limit` bytes, without a byte order mark. Reads no more than the limit, so that an endless device
 * or pipe does no harm.
 * @param file the file's name in messages
 * @throws SmallFileError when it is missing, unreadable, a directory, too long, or not UTF-8 text
 */
export async function readSmallFile(path: string, limit: number, file = 'the file'): Promise<string> {
  const bytes = await readAtMost(path, limit + 1, file);
  if (bytes.length > limit) throw new SmallFileError(`${file} is longer than ${grouped(limit)} bytes`);
  if (bytes.includes(0)) throw new SmallFileError(`${file} is not a text file`);
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch (cause) {
    throw new SmallFileError(`${file} is not UTF-8 text`, { cause });
  }
}

async function readAtMost(path: string, most: number, name: string): Promise<Buffer> {
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
    throw new SmallFileError(reason(cause, name), { cause });
  }
}

const reason = (cause: unknown, file: string): string =>
  systemReason(cause, file) ?? `${file} cannot be read (${systemCode(cause) ?? 'unknown error'})`;
