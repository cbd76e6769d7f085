import type { Fields } from './format.ts';

/** The user of the first of a table's rows; null when it has none. */
export async function firstUser(rows: AsyncIterable<Fields>): Promise<string | null> {
  for await (const [userId] of rows) return userId ?? null;
  return null;
}
