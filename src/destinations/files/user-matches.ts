import type { Table } from '../../rows/table.ts';
import {
  allTables,
  contactGroups,
  conversations,
  exportedUsers,
  memberships,
  unexportedUsers,
} from '../../rows/tables.ts';
import { conversationWith, ERASED_TEXT, namingUser, type UserToErase } from '../contract/erasure.ts';
import type { Fields } from './formats/format.ts';

type Counted = 'conversations' | 'memberships';

/** The rows of a user in an export's files, found while they are read. */
export class UserMatches {
  readonly removed: Record<string, number> = {};
  readonly removedOfOthers: Record<string, number> = {};
  texts = 0;
  /** How the removed user was counted, if the user was not exported. */
  unexported: { readonly reason: string; readonly code: string | null } | null = null;
  readonly #user: UserToErase;
  readonly #naming: RegExp;
  /** By how much the counts of other users shrink, for those with the user as a peer. */
  readonly #fewer = new Map<string, Record<Counted, number>>();

  constructor(user: UserToErase) {
    this.#user = user;
    this.#naming = new RegExp(namingUser(user.name), 'u');
    for (const { name } of allTables) this.removed[name] = 0;
    if (user.asPeer) for (const { name } of [conversations, memberships]) this.removedOfOthers[name] = 0;
  }

  get isNone(): boolean {
    const rows = [...Object.values(this.removed), ...Object.values(this.removedOfOthers)];
    return this.texts === 0 && rows.every((count) => count === 0);
  }

  /** The row to keep: unchanged, changed, or null for none. */
  without(table: Table, row: Fields): Fields | null {
    const field = (name: string): string | null => row[columnIndex(table, name)] ?? null;
    const owner = String(field('user_id'));
    if (owner === this.#user.name) {
      this.removed[table.name] = (this.removed[table.name] ?? 0) + 1;
      if (table === unexportedUsers)
        this.unexported = { reason: String(field('reason')), code: field('error_code') };
      return null;
    }
    if (table === exportedUsers) return this.#withFewer(owner, row);
    if (table === unexportedUsers) return this.#withoutText(field('error_info'), row);
    if (table === contactGroups || !this.#user.asPeer) return row;
    if (field('conversation_id') !== conversationWith(this.#user)) return row;
    const name = table.name as Counted;
    this.removedOfOthers[name] = (this.removedOfOthers[name] ?? 0) + 1;
    const fewer = this.#fewer.get(owner) ?? { conversations: 0, memberships: 0 };
    fewer[name] += 1;
    this.#fewer.set(owner, fewer);
    return null;
  }

  #withFewer(owner: string, row: Fields): Fields {
    const fewer = this.#fewer.get(owner);
    if (fewer === undefined) return row;
    const less = (name: Counted): string =>
      String(Number(row[columnIndex(exportedUsers, name)]) - fewer[name]);
    return withValues(exportedUsers, row, {
      conversations: less('conversations'),
      memberships: less('memberships'),
    });
  }

  #withoutText(info: string | null, row: Fields): Fields {
    if (info === null || !this.#naming.test(info)) return row;
    this.texts += 1;
    return withValues(unexportedUsers, row, { error_info: ERASED_TEXT });
  }
}

const columnIndex = (table: Table, name: string): number =>
  table.columns.findIndex((column) => column.name === name);

const withValues = (table: Table, row: Fields, values: Readonly<Record<string, string>>): Fields =>
  table.columns.map(({ name }, place) => values[name] ?? row[place] ?? null);
