import type { Table } from '../../tables/table.ts';
import {
  allTables,
  contactGroups,
  conversations,
  exportedUsers,
  memberships,
  unexportedUsers,
} from '../../tables/tables.ts';
import { conversationWith, FORGOTTEN_TEXT, namingUser, type UserToForget } from '../forgetting.ts';
import { fieldsOf } from './csv-records.ts';
import { csvText } from './csv-text.ts';

type Counted = 'conversations' | 'memberships';

/** What the files of an export hold of a user, found out while they are read. */
export class UserTraces {
  readonly removed: Record<string, number> = {};
  readonly removedOfOthers: Record<string, number> = {};
  texts = 0;
  /** What the user who is gone was counted as, where it was not exported. */
  unexported: { readonly reason: string; readonly code: string | null } | null = null;
  readonly #user: UserToForget;
  readonly #naming: RegExp;
  /** By how much the counts of other users shrink: as many of them as have the user for a peer. */
  readonly #fewer = new Map<string, Record<Counted, number>>();

  constructor(user: UserToForget) {
    this.#user = user;
    this.#naming = new RegExp(namingUser(user.name), 'u');
    for (const { name } of allTables) this.removed[name] = 0;
    if (user.asPeer) for (const { name } of [conversations, memberships]) this.removedOfOthers[name] = 0;
  }

  get isNone(): boolean {
    const rows = [...Object.values(this.removed), ...Object.values(this.removedOfOthers)];
    return this.texts === 0 && rows.every((count) => count === 0);
  }

  /** What is to be written in the place of a record: the same, another one, or, for null, nothing. */
  without(table: Table, record: string): string | null {
    const fields = fieldsOf(record);
    const field = (name: string): string | null =>
      fields[table.columns.findIndex((column) => column.name === name)] ?? null;
    const owner = String(field('user_id'));
    if (owner === this.#user.name) {
      this.removed[table.name] = (this.removed[table.name] ?? 0) + 1;
      if (table === unexportedUsers)
        this.unexported = { reason: String(field('reason')), code: field('error_code') };
      return null;
    }
    if (table === exportedUsers) return this.#withFewer(owner, fields, record);
    if (table === unexportedUsers) return this.#withoutText(fields, field('error_info'), record);
    if (table === contactGroups || !this.#user.asPeer) return record;
    if (field('conversation_id') !== conversationWith(this.#user)) return record;
    const name = table.name as Counted;
    this.removedOfOthers[name] = (this.removedOfOthers[name] ?? 0) + 1;
    const fewer = this.#fewer.get(owner) ?? { conversations: 0, memberships: 0 };
    fewer[name] += 1;
    this.#fewer.set(owner, fewer);
    return null;
  }

  #withFewer(owner: string, fields: readonly (string | null)[], record: string): string {
    const fewer = this.#fewer.get(owner);
    if (fewer === undefined) return record;
    const row = rowOf(exportedUsers, fields);
    const less = (name: Counted): number => Number(row[name]) - fewer[name];
    return lineOf(exportedUsers, {
      ...row,
      conversations: less('conversations'),
      memberships: less('memberships'),
    });
  }

  #withoutText(fields: readonly (string | null)[], info: string | null, record: string): string {
    if (info === null || !this.#naming.test(info)) return record;
    this.texts += 1;
    return lineOf(unexportedUsers, { ...rowOf(unexportedUsers, fields), error_info: FORGOTTEN_TEXT });
  }
}

const rowOf = (table: Table, fields: readonly (string | null)[]): Record<string, string | number | null> =>
  Object.fromEntries(table.columns.map(({ name }, place) => [name, fields[place] ?? null]));

const lineOf = (table: Table, row: Readonly<Record<string, string | number | null>>): string =>
  csvText(table, [row]).slice(0, -1);
