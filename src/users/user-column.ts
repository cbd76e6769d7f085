import { isUtf8 } from 'node:buffer';
import { UserListError } from './user-list-error.ts';

const DEFAULT_COLUMN = 'user_id';
const MOST_COLUMNS_SHOWN = 20;

/**
 * Which column of a header holds the user IDs: the one asked for, else `user_id`, else the only one.
 * @param place what a message begins with
 * @returns its index
 * @throws {UserListError} when there is none, or more than one
 */
export function userColumn(header: readonly Buffer[], wanted: string | null, place: string): number {
  if (!header.every((name) => isUtf8(name))) {
    throw new UserListError([`${place}: the header is not UTF-8; save the file as UTF-8`]);
  }
  const names = header.map((name) => name.toString('utf8'));
  const name = wanted ?? (names.length === 1 ? names[0] : DEFAULT_COLUMN) ?? DEFAULT_COLUMN;
  const first = names.indexOf(name);
  if (first === -1) {
    const what =
      wanted === null
        ? `which column holds the user IDs? Name it with --user-column`
        : `there is no column ${JSON.stringify(wanted)} (--user-column)`;
    throw new UserListError([`${place}: ${what}; the columns are ${shownNames(names)}`]);
  }
  if (names.indexOf(name, first + 1) !== -1) {
    throw new UserListError([
      `${place}: more than one column is called ${JSON.stringify(name)}; name another one with --user-column`,
    ]);
  }
  return first;
}

function shownNames(names: readonly string[]): string {
  const shown = names.slice(0, MOST_COLUMNS_SHOWN).map((name) => JSON.stringify(name.slice(0, 80)));
  const more = names.length - shown.length;
  return `${shown.join(', ')}${more > 0 ? ` and ${more} more` : ''}`;
}
