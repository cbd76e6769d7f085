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
import type { Forgotten, UserToForget } from '../forgetting.ts';
import { recordsIn } from './csv-records.ts';
import type { DirectoryLock } from './directory-lock.ts';
import { DIRECTORY_MODE, FILE_MODE, syncDirectory, writeDurably } from './durable-file.ts';
import type { Layout } from './layout.ts';
import { readLines } from './lines.ts';
import { type Manifest, publish } from './publish.ts';
import { FORMAT, recordText } from './run-record.ts';
import { sha256 } from './sha256.ts';
import { UserTraces } from './user-traces.ts';

const PIECE = 256 * 1024;

/** Whether the plan of the unfinished run in a directory has a user. */
export async function isPlanned({ run }: Layout, { planned }: UserToForget): Promise<boolean> {
  for await (const { text } of readLines(run.plan)) {
    if ((JSON.parse(text) as string[]).includes(planned)) return true;
  }
  return false;
}

/** What the published files of a directory hold of a user; nothing where there are none. */
export async function tracesInFiles(layout: Layout, user: UserToForget): Promise<UserTraces> {
  const traces = new UserTraces(user);
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
  const traces = new UserTraces(user);
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
  traces: UserTraces,
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
function withoutUser(record: RunRecord, traces: UserTraces): RunRecord {
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
  { removed, removedOfOthers, texts }: UserTraces,
  about: Pick<Forgotten, 'plans' | 'abandoned'>,
): Forgotten => ({ removed, removedOfOthers, texts, ...about });
