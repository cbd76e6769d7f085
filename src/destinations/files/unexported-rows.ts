import { open } from 'node:fs/promises';
import { type UnexportedUserRow, unexportedUsers } from '../../tables/tables.ts';
import { fieldsOf, recordsIn } from './csv-records.ts';

/**
 * The rows of a file of unexported users, those not in the app last: the file is read twice rather than kept. None when
 * there is no such file.
 * @param bytes how much of the file counts
 */
export async function* unexportedIn(path: string, bytes: number): AsyncGenerator<UnexportedUserRow> {
  // Opened once: another run's file may be put in its place under way.
  const file = await open(path, 'r').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return null;
    throw error;
  });
  if (file === null) return;
  try {
    for (const isLast of [false, true]) {
      let isHeader = true;
      for await (const record of recordsIn(file, bytes)) {
        const row = rowOf(record);
        if (!isHeader && (row.reason === 'not_in_app') === isLast) yield row;
        isHeader = false;
      }
    }
  } finally {
    await file.close();
  }
}

function rowOf(record: string): UnexportedUserRow {
  const fields = fieldsOf(record);
  const cells = unexportedUsers.columns.map(({ name, type }, place) => {
    const field = fields[place] ?? null;
    return [name, type === 'bigint' && field !== null ? Number(field) : field];
  });
  return Object.fromEntries(cells) as UnexportedUserRow;
}
