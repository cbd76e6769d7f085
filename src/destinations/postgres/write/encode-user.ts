import { ContentDigest } from '../../../rows/content-hash.ts';
import { SlicedUser } from '../../../rows/exported-user.ts';
import type { UserRows } from '../../../rows/normalize.ts';
import { columnNames } from '../../../rows/table.ts';
import {
  contactGroups,
  conversations,
  type ExportedUserRow,
  memberships,
  type rowTables,
} from '../../../rows/tables.ts';
import type { EncodedUser } from '../../contract/destination.ts';
import type { Scratch } from '../../contract/scratch.ts';
import { PackedTexts } from '../../packed-texts.ts';
import { copyText } from '../ledger/copy.ts';

type RowTableName = (typeof rowTables)[number]['name'];

/** One user in the form that COPY takes. */
export class PostgresUser implements EncodedUser {
  readonly userId: string;
  readonly bytes: number;
  readonly hash: Buffer;
  /** A user is encoded as soon as the last page has come. */
  readonly pulledAt = new Date();
  readonly row: ExportedUserRow;
  /** The number of rows in each row table. */
  readonly rows: Readonly<Record<RowTableName, number>>;
  readonly #texts: PackedTexts;

  constructor(
    first: UserRows,
    more: Iterable<UserRows>,
    { sdkAppId, runId }: { readonly sdkAppId: number; readonly runId: number },
  ) {
    const user = new SlicedUser(first, sdkAppId);
    const digest = new ContentDigest();
    const rowTexts = (slice: UserRows): string[] => {
      digest.add(slice);
      return [
        copyText(columns.conversations, slice.conversations, runId),
        copyText(columns.contact_groups, slice.contactGroups, runId),
        copyText(columns.memberships, slice.memberships, runId),
      ];
    };
    this.userId = first.userId;
    this.#texts = new PackedTexts(rowTexts(first), mapped(user.counted(more), rowTexts));
    this.hash = digest.digest();
    this.row = user.row;
    this.rows = {
      conversations: Number(user.row.conversations),
      contact_groups: Number(user.row.contact_groups),
      memberships: Number(user.row.memberships),
    };
    this.bytes = this.#texts.length;
  }

  moveTo(scratch: Scratch): boolean {
    return this.#texts.moveTo(scratch);
  }

  /** The COPY text of a row table, with the run as `last_changed_run`. */
  text(table: RowTableName): Iterable<Buffer> {
    return this.#texts.at(places[table]);
  }
}

const columns = {
  conversations: columnNames(conversations),
  contact_groups: columnNames(contactGroups),
  memberships: columnNames(memberships),
};

function* mapped<T, R>(values: Iterable<T>, map: (value: T) => R): Generator<R> {
  for (const value of values) yield map(value);
}

const places: Readonly<Record<RowTableName, number>> = {
  conversations: 0,
  contact_groups: 1,
  memberships: 2,
};
