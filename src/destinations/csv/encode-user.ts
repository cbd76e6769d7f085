import { exportedUserRow } from '../../tables/exported-user.ts';
import type { UserRows } from '../../tables/normalize.ts';
import type { Row, Table } from '../../tables/table.ts';
import { contactGroups, conversations, exportedUsers, memberships } from '../../tables/tables.ts';
import type { EncodedUser } from '../destination.ts';
import { csvText } from './csv-text.ts';

/** Lines of one table's file. */
export type Lines = { readonly text: Buffer; readonly rows: number };

export const linesOf = (table: Table, rows: readonly Row[]): Lines => ({
  text: Buffer.from(csvText(table, rows)),
  rows: rows.length,
});

/** One user as the lines of the files. */
export class CsvUser implements EncodedUser {
  readonly userId: string;
  readonly bytes: number;
  /** By table. */
  readonly lines: Readonly<Record<string, Lines>>;

  constructor(user: UserRows, sdkAppId: number) {
    this.userId = user.userId;
    this.lines = {
      conversations: linesOf(conversations, user.conversations),
      contact_groups: linesOf(contactGroups, user.contactGroups),
      memberships: linesOf(memberships, user.memberships),
      exported_users: linesOf(exportedUsers, [exportedUserRow(user, sdkAppId)]),
    };
    this.bytes = Object.values(this.lines).reduce((sum, { text }) => sum + text.length, 0);
  }
}
