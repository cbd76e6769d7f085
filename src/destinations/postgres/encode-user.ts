import { contentHash } from '../../tables/content-hash.ts';
import { exportedUserRow } from '../../tables/exported-user.ts';
import type { UserRows } from '../../tables/normalize.ts';
import { columnNames, type Row, type Table } from '../../tables/table.ts';
import {
  contactGroups,
  conversations,
  type ExportedUserRow,
  memberships,
  type rowTables,
} from '../../tables/tables.ts';
import type { EncodedUser } from '../destination.ts';
import { JoinedTexts } from '../joined-texts.ts';
import { copyText } from './copy.ts';

type RowTableName = (typeof rowTables)[number]['name'];

/** One user as COPY takes it. */
export class PostgresUser implements EncodedUser {
  readonly userId: string;
  readonly bytes: number;
  readonly hash: Buffer;
  /** A user is encoded as soon as the last page has come. */
  readonly pulledAt = new Date();
  readonly row: ExportedUserRow;
  /** How many rows it has in each row table. */
  readonly rows: Readonly<Record<RowTableName, number>>;
  readonly #texts: JoinedTexts;

  constructor(user: UserRows, { sdkAppId, runId }: { readonly sdkAppId: number; readonly runId: number }) {
    const encoded = (table: Table, rows: readonly Row[]): string => copyText(columnNames(table), rows, runId);
    this.userId = user.userId;
    this.hash = contentHash(user);
    this.row = exportedUserRow(user, sdkAppId);
    this.rows = {
      conversations: user.conversations.length,
      contact_groups: user.contactGroups.length,
      memberships: user.memberships.length,
    };
    this.#texts = new JoinedTexts([
      encoded(conversations, user.conversations),
      encoded(contactGroups, user.contactGroups),
      encoded(memberships, user.memberships),
    ]);
    this.bytes = this.#texts.length;
  }

  /** The COPY text of a row table, with the run as `changed_run`. */
  text(table: RowTableName): Buffer {
    return this.#texts.at(places[table]);
  }
}

const places: Readonly<Record<RowTableName, number>> = {
  conversations: 0,
  contact_groups: 1,
  memberships: 2,
};
