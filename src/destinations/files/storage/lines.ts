import { type FileHandle, open } from 'node:fs/promises';

/** A line without its LF, and the length of the file up to and including that LF. */
export type Line = { readonly text: string; readonly end: number };

const LF = 0x0a;
const BYTES_READ_AT_ONCE = 64 * 1024;

/** The lines of a file that end with LF. A rest after the last LF is not a line. */
export async function* readLines(path: string): AsyncGenerator<Line> {
  const file = await open(path, 'r');
  try {
    yield* linesIn(readPieces(file));
  } finally {
    await file.close();
  }
}

/** The content of an open file, from its start, in pieces. @param bytes how much to read */
export async function* readPieces(
  file: FileHandle,
  bytes = Number.POSITIVE_INFINITY,
): AsyncGenerator<Buffer, void, undefined> {
  let position = 0;
  while (position < bytes) {
    const { buffer, bytesRead } = await file.read({
      buffer: Buffer.allocUnsafe(Math.min(BYTES_READ_AT_ONCE, bytes - position)),
      position,
    });
    if (bytesRead === 0) return;
    position += bytesRead;
    yield buffer.subarray(0, bytesRead);
  }
}

/** The lines in the pieces of a file, by the rule of `readLines`. */
export async function* linesIn(pieces: AsyncIterable<Buffer>): AsyncGenerator<Line> {
  let end = 0;
  let rest: Buffer = Buffer.alloc(0);
  for await (const piece of pieces) {
    rest = Buffer.concat([rest, piece]);
    let from = 0;
    for (let at = rest.indexOf(LF); at >= 0; at = rest.indexOf(LF, from)) {
      end += at + 1 - from;
      yield { text: rest.toString('utf8', from, at), end };
      from = at + 1;
    }
    rest = rest.subarray(from);
  }
}

/**
 * A value as one line of JSON. U+2028 and U+2029 are escaped, since some readers, such as newer versions of `readline`, end a
 * line there.
 */
export const jsonLine = (value: unknown): string =>
  `${JSON.stringify(value).replaceAll('\u2028', '\\u2028').replaceAll('\u2029', '\\u2029')}\n`;
