import { type FileHandle, open } from 'node:fs/promises';

/** A line without its LF, and the length of the file up to and with that. */
export type Line = { readonly text: string; readonly end: number };

const LF = 0x0a;
const BYTES_READ_AT_ONCE = 64 * 1024;

/** The lines of a file that end with LF; what comes after the last LF is none. */
export async function* readLines(path: string): AsyncGenerator<Line> {
  const file = await open(path, 'r');
  try {
    yield* linesIn(file);
  } finally {
    await file.close();
  }
}

/** The lines of an open file, from its start, under the rule of `readLines`. */
export async function* linesIn(file: FileHandle): AsyncGenerator<Line> {
  let position = 0;
  let end = 0;
  let rest: Buffer = Buffer.alloc(0);
  for (;;) {
    const { buffer, bytesRead } = await file.read({
      buffer: Buffer.allocUnsafe(BYTES_READ_AT_ONCE),
      position,
    });
    if (bytesRead === 0) return;
    position += bytesRead;
    rest = Buffer.concat([rest, buffer.subarray(0, bytesRead)]);
    let from = 0;
    for (let at = rest.indexOf(LF); at >= 0; at = rest.indexOf(LF, from)) {
      end += at + 1 - from;
      yield { text: rest.toString('utf8', from, at), end };
      from = at + 1;
    }
    rest = rest.subarray(from);
  }
}
