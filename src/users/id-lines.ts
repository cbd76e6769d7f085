import { lines } from './lines.ts';
import type { ListEntry } from './list-entry.ts';
import { MAX_USER_ID_BYTES } from './user-id.ts';

/** The entries of a list with one user ID a line, in batches. */
export async function* idLines(bytes: AsyncIterable<Buffer>): AsyncGenerator<ListEntry[]> {
  let line = 0;
  for await (const batch of lines(bytes, MAX_USER_ID_BYTES)) {
    yield batch.map((id) => {
      line += 1;
      return { line, id: isBlank(id) ? null : id, problem: null };
    });
  }
}

const isBlank = (bytes: Buffer): boolean => bytes.every((byte) => byte === 0x20 || byte === 0x09);
