import { once } from 'node:events';

/**
 * Writes a result piece by piece, no faster than it is read, and resolves when all of it was taken. One that can no longer be
 * written aborts `ending`, with the error as the reason, and ends early; main.ts tells of it.
 */
export async function writeResult(
  out: NodeJS.WritableStream,
  pieces: AsyncIterable<string | Buffer>,
  ending: AbortController,
): Promise<void> {
  const { signal } = ending;
  const end = (error: unknown): void => ending.abort(error);
  out.on('error', end);
  try {
    for await (const piece of pieces) {
      if (signal.aborted) return;
      if (!out.write(piece)) await once(out, 'drain', { signal });
    }
    // What the reader of the last piece makes of it counts too.
    const error = await new Promise<unknown>((flushed) => out.write('', flushed));
    if (error) ending.abort(error);
  } catch (error) {
    if (!signal.aborted) throw error;
  } finally {
    out.removeListener('error', end);
  }
}
