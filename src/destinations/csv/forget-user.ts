import { type FileHandle, mkdir, open, rename, rm, stat } from 'node:fs/promises';
import type { Table } from '../../tables/table.ts';
import {
  allTables,
  contactGroups,
  conversations,
  exportedUsers,
  memberships,
  unexportedUsers,
} from '../../tables/tables.ts';
import type { RunRecord } from '../destination.ts';
import { exists } from '../exists.ts';
import {
  conversationWith,
  FORGOTTEN_TEXT,
  type Forgotten,
  namingUser,
  type UserToForget,
} from '../forgetting.ts';
import { fieldsOf, recordsIn } from './csv-records.ts';
import { csvText } from './csv-text.ts';
import type { DirectoryLock } from './directory-lock.ts';
import { DIRECTORY_MODE, FILE_MODE, syncDirectory, writeDurably } from './durable-file.ts';
import type { Layout } from './layout.ts';
import { type Manifest, publish } from './publish.ts';
import { FORMAT, recordText } from './run-record.ts';
import { sha256 } from './sha256.ts';

const PIECE = 256 * 1024;

type Counted = 'conversations' | 'memberships';

/** What the files of an export hold of a user, found out while they are read. */
class Traces {
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

/** What the published files of a directory hold of a user; nothing where there are none. */
export async function tracesInFiles(layout: Layout, user: UserToForget): Promise<Traces> {
  const traces = new Traces(user);
  for (const table of allTables) await readThrough(layout, table, traces, null);
  return traces;
}

/**
 * Writes the published files anew without a user, and puts them in place as a run that has finished does: a kill at any point
 * leaves the old files, or new ones that the next start puts in place.
 * @param record that of the files
 */
export async function rewriteFiles(
  layout: Layout,
  lock: Pick<DirectoryLock, 'verify'>,
  record: RunRecord,
  user: UserToForget,
): Promise<void> {
  const { newRun } = layout;
  await rm(newRun.directory, { recursive: true, force: true });
  await mkdir(newRun.directory, { mode: DIRECTORY_MODE });
  const traces = new Traces(user);
  const files: Record<string, Manifest['files'][string]> = {};
  for (const table of allTables) {
    const path = newRun.rows(table);
    const to = await open(path, 'wx', FILE_MODE);
    try {
      const rows = await readThrough(layout, table, traces, to);
      await to.sync();
      files[`${table.name}.csv`] = { rows, bytes: (await stat(path)).size, sha256: await sha256(path) };
    } finally {
      await to.close();
    }
  }
  const without = withoutUser(record, traces);
  const manifest: Manifest = { format: FORMAT, ...without, files };
  await writeDurably(newRun.manifest, `${JSON.stringify(manifest, null, 2)}\n`);
  await writeDurably(newRun.ledger, '');
  // Whoever starts next is to take it for a run that has all but finished.
  await writeDurably(newRun.record, recordText({ ...without, status: 'running', finishedAt: null }));
  await syncDirectory(newRun.directory);
  await lock.verify();
  await rename(newRun.directory, layout.run.directory);
  await syncDirectory(layout.directory);
  await publish(layout, lock, without, {});
}

/** Reads a published file, and writes what is to be left of it. @returns how many rows that is */
async function readThrough(
  layout: Layout,
  table: Table,
  traces: Traces,
  to: FileHandle | null,
): Promise<number> {
  const path = layout.published(table);
  if (to === null && !(await exists(path))) return 0;
  const file = await open(path, 'r');
  try {
    let rows = -1;
    let text = '';
    for await (const record of recordsIn(file, Number.POSITIVE_INFINITY)) {
      const left = rows === -1 ? record : traces.without(table, record);
      if (left === null) continue;
      rows += 1;
      if (to === null) continue;
      text += `${left}\n`;
      if (text.length < PIECE) continue;
      await to.appendFile(text);
      text = '';
    }
    await to?.appendFile(text);
    return Math.max(0, rows);
  } finally {
    await file.close();
  }
}

/** What a run's record says once a user's rows are gone: it must agree with the files. */
function withoutUser(record: RunRecord, traces: Traces): RunRecord {
  const { removed, removedOfOthers, unexported } = traces;
  const { list, counts } = record;
  const gone = (table: Table): number => (removed[table.name] ?? 0) + (removedOfOthers[table.name] ?? 0);
  const isFailed = unexported !== null && unexported.reason !== 'not_in_app';
  const key = unexported?.code ?? unexported?.reason ?? '';
  const left = (counts.failures[key] ?? 0) - 1;
  const { [key]: _, ...otherFailures } = counts.failures;
  const users = gone(exportedUsers) + gone(unexportedUsers);
  return {
    ...record,
    list: { ...list, users: list.users - users, forgotten: list.forgotten + users },
    counts: {
      ...counts,
      exported: counts.exported - gone(exportedUsers),
      notInApp: counts.notInApp - (unexported !== null && !isFailed ? 1 : 0),
      failed: counts.failed - (isFailed ? 1 : 0),
      failures: isFailed ? { ...otherFailures, ...(left > 0 ? { [key]: left } : {}) } : counts.failures,
      conversations: counts.conversations - gone(conversations),
      contactGroups: counts.contactGroups - gone(contactGroups),
      memberships: counts.memberships - gone(memberships),
    },
  };
}

export const forgottenOf = (
  { removed, removedOfOthers, texts }: Traces,
  about: Pick<Forgotten, 'plans' | 'abandoned'>,
): Forgotten => ({ removed, removedOfOthers, texts, ...about });
