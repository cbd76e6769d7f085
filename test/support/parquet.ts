import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { asyncBufferFromFile, parquetReadObjects } from 'hyparquet';
import { compressors } from 'hyparquet-compressors';
import type { Table } from '../../src/rows/table.ts';

// By itself the reader drops a byte order mark at the beginning of a text, which is a character like any other there.
const texts = new TextDecoder('utf-8', { ignoreBOM: true, fatal: true });
const parsers = { stringFromBytes: (bytes: Uint8Array) => bytes && texts.decode(bytes) };

/**
 * The rows of a table's part files in the order of their names, by a reader that shares no code with the writer: BigInt, boolean,
 * Date or text, and null.
 */
export async function parquetObjects(
  directory: string,
  { name }: Pick<Table, 'name'>,
): Promise<Record<string, unknown>[]> {
  const rows: Record<string, unknown>[] = [];
  for (const part of (await readdir(join(directory, name))).sort()) {
    const file = await asyncBufferFromFile(join(directory, name, part));
    for (const row of await parquetReadObjects({ file, compressors, parsers })) rows.push(row);
  }
  return rows;
}
