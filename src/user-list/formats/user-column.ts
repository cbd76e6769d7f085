import { isUtf8 } from 'node:buffer';
import { codePoint, quotedText, strayCharacter } from '../characters.ts';
import { otherSeparator } from '../diagnosis/other-separator.ts';
import type { ListSource } from '../list-source.ts';
import { UserListError } from '../user-list-error.ts';

const DEFAULT_COLUMN = 'user_id';
const MAX_COLUMNS_SHOWN = 20;

/**
 * The column of a header with the user IDs: the requested one, otherwise `user_id` in any case, otherwise the only column of a
 * query. The only column of a file may not be one: it can be the first user of a list without a header, or fields with another
 * separator.
 * @param place the beginning of messages
 * @returns its index
 * @throws {UserListError} when there is none, or more than one
 */
export function userColumn(
  header: readonly Buffer[],
  { column: wanted, format }: Pick<ListSource, 'column' | 'format'>,
  place: string,
): number {
  if (!header.every((name) => isUtf8(name))) {
    throw new UserListError([`${place}: the header is not UTF-8; save the file as UTF-8`]);
  }
  const names = header.map((name) => name.toString('utf8'));
  const isOfQuery = format === 'rows';
  const name = wanted ?? (isOfQuery && names.length === 1 ? names[0] : DEFAULT_COLUMN) ?? DEFAULT_COLUMN;
  const found = columnsCalled(names, name);
  const [first] = found;
  if (first === undefined) {
    const what =
      wanted === null
        ? `which column holds the user IDs? Name it with --user-column`
        : `there is no column ${quotedText(wanted)} (--user-column)`;
    const advice = nearlyNamed(names, name) ?? (isOfQuery ? null : adviceOn(names, wanted));
    throw new UserListError([
      `${place}: ${what}; ${foundNames(names)}${advice === null ? '' : `; ${advice}`}`,
    ]);
  }
  if (found.length > 1) {
    const others = found.some((at) => names[at] !== name) ? `; ${foundNames(names)}` : '';
    throw new UserListError([
      `${place}: more than one column is called ${quotedText(name)}; name another one with --user-column${others}`,
    ]);
  }
  return first;
}

/** The index of a name in a header: exactly, or otherwise in any case. */
function columnsCalled(names: readonly string[], name: string): readonly number[] {
  const places = (is: (other: string) => boolean): number[] =>
    names.flatMap((other, at) => (is(other) ? [at] : []));
  const exact = places((other) => other === name);
  return exact.length > 0 ? exact : places((other) => isSameName(other, name));
}

/** Whether two names of columns differ only in case. */
const isSameName = (one: string, other: string): boolean =>
  one.length === other.length && one.toLowerCase() === other.toLowerCase();

function foundNames(names: readonly string[]): string {
  const shown = names.slice(0, MAX_COLUMNS_SHOWN).map((name) => quotedText(name.slice(0, 80)));
  if (names.length === 1) return `the only one is ${shown[0]}`;
  const more = names.length - shown.length;
  return `the columns are ${shown.join(', ')}${more > 0 ? ` and ${more} more` : ''}`;
}

/** The invisible characters in a column's name that otherwise matches. */
function nearlyNamed(names: readonly string[], wanted: string): string | null {
  const found = names.find((name) => name !== wanted && isSameName(bare(name), bare(wanted)));
  const stray = found === undefined ? null : strayCharacter(found);
  if (found === undefined || stray === null) return null;
  return `remove the character ${codePoint(stray.character)} from ${quotedText(found)}`;
}

const bare = (name: string): string => name.replaceAll(/[\p{White_Space}\p{Cc}\p{Cf}]/gu, '');

/** A hint about a header with one column, which may be one with another separator. */
function adviceOn([only = '', ...others]: readonly string[], wanted: string | null): string | null {
  if (others.length > 0) return null;
  const separator = otherSeparator(only);
  if (separator !== null) return `the separator must be a comma, not ${quotedText(separator)}`;
  return wanted === null ? `if that is a user, write the header ${DEFAULT_COLUMN} above it` : null;
}
