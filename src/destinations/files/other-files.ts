import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { allTables } from '../../rows/tables.ts';
import type { FileFormat } from './formats/format.ts';
import { TEMPORARY } from './storage/durable-file.ts';
import type { Layout } from './storage/layout.ts';

const OWN = new Set(['manifest.json', 'timelines.json', 'suppressed.json']);

/** Whether a name in an export's directory belongs to the program's own files: locks and runs. */
export const isInternal = (name: string): boolean =>
  name.startsWith('.lock') || /^\.run(-new|-old)?$/.test(name);

/** Whether a name in an export's directory is a temporary copy that a kill left behind. */
export const isLeftOver = (name: string): boolean =>
  TEMPORARY.test(name) && OWN.has(name.replace(TEMPORARY, ''));

/**
 * The unknown files in an export's directory, by name and in order.
 * @param names of the files in its manifest
 */
export async function otherFiles(
  { directory }: Layout,
  format: FileFormat,
  names: readonly string[],
): Promise<string[]> {
  const known = new Set(OWN);
  const found = await readdir(directory);
  for (const table of allTables) {
    for (const name of format.namesOf(table, names)) known.add(name);
    const entry = format.entry(table);
    if (known.has(entry) || !found.includes(entry)) continue;
    // A table's directory is checked entry by entry.
    known.add(entry);
    for (const name of await readdir(join(directory, entry))) found.push(`${entry}/${name}`);
  }
  return found.filter((name) => !known.has(name) && !isInternal(name)).sort();
}

/** Some of the names, for messages. */
export const shortList = (names: readonly string[]): string =>
  [...names.slice(0, 3), ...(names.length > 3 ? [`${names.length - 3} more`] : [])].join(', ');
