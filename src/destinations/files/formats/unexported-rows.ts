import { type UnexportedUserRow, unexportedUsers } from '../../../rows/tables.ts';
import type { Fields } from './format.ts';

/**
 * Unexported users, those not in the app last. The rows are read twice instead of being kept in memory.
 * @param rows starts to read them
 */
export async function* unexportedIn(rows: () => AsyncIterable<Fields>): AsyncGenerator<UnexportedUserRow> {
  for (const isLast of [false, true]) {
    for await (const fields of rows()) {
      const row = asRow(fields);
      if ((row.reason === 'not_in_app') === isLast) yield row;
    }
  }
}

function asRow(fields: Fields): UnexportedUserRow {
  const cells = unexportedUsers.columns.map(({ name, type }, place) => {
    const field = fields[place] ?? null;
    return [name, type === 'bigint' && field !== null ? Number(field) : field];
  });
  return Object.fromEntries(cells) as UnexportedUserRow;
}
