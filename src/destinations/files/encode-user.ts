import { exportedUserRow } from '../../tables/exported-user.ts';
import type { UserRows } from '../../tables/normalize.ts';
import type { Row, Table } from '../../tables/table.ts';
import { contactGroups, conversations, exportedUsers, memberships } from '../../tables/tables.ts';
import type { EncodedUser } from '../destination.ts';
import { JoinedTexts } from '../joined-texts.ts';
import { csvText } from './csv-text.ts';

/** Lines of one table's file. */
type Lines = { readonly text: Buffer; readonly rows: number };

export const linesOf = (table: Table, rows: readonly Row[]): Lines => ({
  text: Buffer.from(csvText(table, rows)),
  rows: rows.length,
});

const tables = [conversations, contactGroups, memberships, exportedUsers] as const;

/** One user as the lines of the files. */
export class CsvUser implements EncodedUser {
  readonly userId: string;
  readonly bytes: number;
  readonly #texts: JoinedTexts;
  /** As many as each table has lines. */
  readonly #rows: readonly number[];

  constructor(user: UserRows, sdkAppId: number) {
    const rows = [
      user.conversations,
      user.contactGroups,
      user.memberships,
      [exportedUserRow(user, sdkAppId)],
    ];
    this.userId = user.userId;
    this.#texts = new JoinedTexts(tables.map((table, i) => csvText(table, rows[i] ?? [])));
    this.#rows = rows.map(({ length }) => length);
    this.bytes = this.#texts.length;
  }

  /** Those of one table; null when a user has none there. */
  lines(table: string): Lines | null {
    const place = tables.findIndex(({ name }) => name === table);
    return place < 0 ? null : { text: this.#texts.at(place), rows: this.#rows[place] ?? 0 };
  }
}
