import { once } from 'node:events';

/**
 * Writes a result in pieces, no faster than it is read, and resolves when all of it was taken. If it can no longer be written,
 * `ending` aborts with the error as its reason, and the function returns early; main.ts reports the error.
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
    // Errors of the reader on the last piece count, too.
    const error = await new Promise<unknown>((flushed) => out.write('', flushed));
    if (error) ending.abort(error);
  } catch (error) {
    if (!signal.aborted) throw error;
  } finally {
    out.removeListener('error', end);
  }
}
