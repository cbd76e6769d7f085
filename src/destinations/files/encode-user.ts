import { SlicedUser } from '../../rows/exported-user.ts';
import type { UserRows } from '../../rows/normalize.ts';
import type { Row, Table } from '../../rows/table.ts';
import {
  contactGroups,
  conversations,
  type ExportedUserRow,
  exportedUsers,
  memberships,
} from '../../rows/tables.ts';
import type { EncodedUser } from '../contract/destination.ts';
import type { Scratch } from '../contract/scratch.ts';
import { PackedTexts } from '../packed-texts.ts';
import { csvText } from './formats/csv-text.ts';

/** Lines of one table's file. */
type Lines = { readonly text: Iterable<Buffer>; readonly rows: number };

export const csvLines = (table: Table, rows: readonly Row[]): Lines => ({
  text: rows.length === 0 ? [] : [Buffer.from(csvText(table, rows))],
  rows: rows.length,
});

const tables = [conversations, contactGroups, memberships] as const;

/** One user as the lines of the files. */
export class CsvUser implements EncodedUser {
  readonly userId: string;
  readonly bytes: number;
  readonly #texts: PackedTexts;
  readonly #row: ExportedUserRow;

  constructor(first: UserRows, more: Iterable<UserRows>, sdkAppId: number) {
    const user = new SlicedUser(first, sdkAppId);
    this.userId = first.userId;
    this.#texts = new PackedTexts(rowTexts(first), textsOfEach(user.counted(more)));
    this.#row = user.row;
    this.bytes = this.#texts.length;
  }

  moveTo(scratch: Scratch): boolean {
    return this.#texts.moveTo(scratch);
  }

  /** The lines for one table; null when a user has none there. */
  lines(table: string): Lines | null {
    if (table === exportedUsers.name) return csvLines(exportedUsers, [this.#row]);
    const place = tables.findIndex(({ name }) => name === table);
    if (place < 0) return null;
    const { conversations, contact_groups, memberships } = this.#row;
    const rows = [conversations, contact_groups, memberships][place];
    return { text: this.#texts.at(place), rows: Number(rows) };
  }
}

const rowTexts = (user: UserRows): string[] => [
  csvText(conversations, user.conversations),
  csvText(contactGroups, user.contactGroups),
  csvText(memberships, user.memberships),
];

function* textsOfEach(slices: Iterable<UserRows>): Generator<string[]> {
  for (const slice of slices) yield rowTexts(slice);
}
