import { exists } from '../exists.ts';
import { fieldsOf } from './csv-records.ts';
import { readLines } from './lines.ts';

/** The user of the first row of a table's file; null when it has none, or is not there. */
export async function firstUser(path: string): Promise<string | null> {
  if (!(await exists(path))) return null;
  let isHeader = true;
  for await (const { text } of readLines(path)) {
    if (!isHeader) return fieldsOf(text)[0] ?? null;
    isHeader = false;
  }
  return null;
}
