import { constants, createReadStream, open } from 'node:fs';
import { stat } from 'node:fs/promises';
import { Socket } from 'node:net';
import type { Readable } from 'node:stream';
import { promisify } from 'node:util';

const PIECE_BYTES = 64 * 1024;

/**
 * The bytes of a file, or of standard input (null), in pieces.
 * @param stop ends the reading, also of what never comes; its reason is for the caller to look at
 * @throws the system's error
 */
export async function* listBytes(file: string | null, stop?: AbortSignal): AsyncGenerator<Buffer> {
  const raw = file === null ? process.stdin : await opened(file);
  const onStop = (): void => void raw.destroy(new Error('asked to stop while the user list was read'));
  stop?.addEventListener('abort', onStop, { once: true });
  if (stop?.aborted === true) onStop();
  try {
    yield* raw as AsyncIterable<Buffer>;
  } finally {
    stop?.removeEventListener('abort', onStop);
    raw.destroy();
  }
}

/**
 * A named pipe is opened as sockets are. Opened as files are, it would keep a thread until somebody writes, and the process
 * does not exit while a thread of it waits.
 */
async function opened(file: string): Promise<Readable> {
  if (!(await stat(file)).isFIFO()) return createReadStream(file, { highWaterMark: PIECE_BYTES });
  const fd = await promisify(open)(file, constants.O_RDONLY | constants.O_NONBLOCK);
  return new Socket({ fd, readable: true, writable: false });
}
