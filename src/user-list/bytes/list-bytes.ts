import { constants, open as openFd } from 'node:fs';
import { type FileHandle, open, stat } from 'node:fs/promises';
import { Socket } from 'node:net';
import type { Readable } from 'node:stream';
import { promisify } from 'node:util';
import { type FileState, fileState, refuseChange } from './file-state.ts';

const PIECE_BYTES = 64 * 1024;
const STANDARD_INPUT = 0;

type Opened = {
  readonly raw: Readable;
  /** The file; null for standard input. */
  readonly state: () => Promise<FileState | null>;
  readonly close: () => Promise<void>;
};

/**
 * The bytes of a file, or of standard input (null), in pieces.
 * @param stop ends the reading, also of an input that never ends; the caller checks its reason
 * @throws {FileChanged} after the last piece; the system's error
 */
export async function* listBytes(file: string | null, stop?: AbortSignal): AsyncGenerator<Buffer> {
  const { raw, state, close } = file === null ? standardInput() : await opened(file);
  // An error before the first read must not end the process. The next read throws it.
  raw.on('error', passOver);
  const onStop = (): void => void raw.destroy(new Error('asked to stop while the user list was read'));
  stop?.addEventListener('abort', onStop, { once: true });
  if (stop?.aborted === true) onStop();
  try {
    const before = await state();
    yield* raw as AsyncIterable<Buffer>;
    refuseChange(before, await state());
  } finally {
    stop?.removeEventListener('abort', onStop);
    raw.destroy();
    await close();
  }
}

const passOver = (): void => {};

/** Standard input may be a file that the shell has opened. */
const standardInput = (): Opened => ({
  raw: process.stdin,
  state: () => fileState(STANDARD_INPUT),
  close: async () => {},
});

/**
 * A named pipe is opened like a socket. Opened like a file, it would block a thread until another process writes, and a process
 * does not exit while one of its threads waits.
 */
async function opened(file: string): Promise<Opened> {
  if ((await stat(file)).isFIFO()) {
    const fd = await promisify(openFd)(file, constants.O_RDONLY | constants.O_NONBLOCK);
    return {
      raw: new Socket({ fd, readable: true, writable: false }),
      state: async () => null,
      close: async () => {},
    };
  }
  const handle: FileHandle = await open(file);
  return {
    raw: handle.createReadStream({ highWaterMark: PIECE_BYTES, autoClose: false }),
    state: () => fileState(handle.fd),
    close: () => handle.close(),
  };
}
