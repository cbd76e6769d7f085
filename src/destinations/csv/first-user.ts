import { exists } from './exists.ts';
import { readLines } from './lines.ts';

/** The user of the first row of a table's file; null when it has none, or is not there. */
export async function firstUser(path: string): Promise<string | null> {
  if (!(await exists(path))) return null;
  let isHeader = true;
  for await (const { text } of readLines(path)) {
    if (!isHeader) return firstField(text);
    isHeader = false;
  }
  return null;
}

/** The first field of a line of CSV, as RFC 4180 quotes it. */
function firstField(line: string): string | null {
  const quoted = /^"((?:[^"]|"")*)"/.exec(line)?.[1];
  return quoted === undefined ? (/^[^,]*/.exec(line)?.[0] ?? null) : quoted.replaceAll('""', '"');
}
