import type { Fields } from './format.ts';

/** The user of a table's first row; null when there is none. */
export async function firstUser(rows: AsyncIterable<Fields>): Promise<string | null> {
  for await (const [userId] of rows) return userId ?? null;
  return null;
}
