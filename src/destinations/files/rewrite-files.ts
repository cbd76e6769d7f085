import { mkdir, open, rename, rm } from 'node:fs/promises';
import type { Table } from '../../rows/table.ts';
import {
  allTables,
  contactGroups,
  conversations,
  exportedUsers,
  memberships,
  unexportedUsers,
} from '../../rows/tables.ts';
import { reachCrashPoint } from '../contract/crash-points.ts';
import type { RunRecord } from '../contract/destination.ts';
import type { UserToErase } from '../contract/erasure.ts';
import { clearRun } from './clear-run.ts';
import { csvText } from './formats/csv-text.ts';
import type { Fields, FileFormat } from './formats/format.ts';
import { formatAtWork, publishedFormat } from './formats/formats.ts';
import type { DirectoryLock } from './lock/directory-lock.ts';
import { isPublishing, makeFiles, publish } from './publish.ts';
import { DIRECTORY_MODE, FILE_MODE, syncDirectory, writeDurably } from './storage/durable-file.ts';
import type { Layout } from './storage/layout.ts';
import { readRecord, recordText } from './storage/run-record.ts';
import { UserMatches } from './user-matches.ts';

const PIECE = 256 * 1024;

/** The rows of a user in the published files of a directory; nothing when there are no files. */
export async function tracesInFiles(layout: Layout, user: UserToErase): Promise<UserMatches> {
  const traces = new UserMatches(user);
  const format = await publishedFormat(layout);
  if (format === null) return traces;
  for (const table of allTables) {
    for await (const row of format.records(layout, table)) traces.without(table, row);
  }
  return traces;
}

/**
 * Rewrites the published files without a user, and puts them in place like those of a finished run. After a kill at any point the
 * old files are there, or the next command that opens the directory completes the new ones.
 * @param record that of the files
 */
export async function rewriteFiles(
  layout: Layout,
  lock: Pick<DirectoryLock, 'verify'>,
  record: RunRecord,
  user: UserToErase,
): Promise<void> {
  const { newRun } = layout;
  const format = await publishedFormat(layout);
  if (format === null) throw new Error(`${layout.manifest} names a run but no format`);
  await rm(newRun.directory, { recursive: true, force: true });
  await mkdir(newRun.directory, { mode: DIRECTORY_MODE });
  const traces = new UserMatches(user);
  const rows: Record<string, number> = {};
  for (const table of allTables) {
    rows[`${table.name}.csv`] = await writeWithout(layout, format, table, traces);
    reachCrashPoint('table-rewritten');
  }
  const without = withoutUser(record, traces);
  await makeFiles(newRun, lock, format, without, rows);
  await writeDurably(newRun.ledger, '');
  // Its record has the status finished, so it is not resumed.
  await writeDurably(newRun.record, recordText(without, format.name));
  await syncDirectory(newRun.directory);
  reachCrashPoint('rewrite-written');
  await lock.verify();
  await rename(newRun.directory, layout.run.directory);
  await syncDirectory(layout.directory);
  reachCrashPoint('rewrite-placed');
  await publish(layout, lock, format, without, rows);
}

/** Completes an erasure that was killed while its files were put in place. */
export async function finishRewrite(layout: Layout, lock: Pick<DirectoryLock, 'verify'>): Promise<void> {
  const record = await readRecord(layout.run.record);
  const format = await formatAtWork(layout);
  if (record?.status !== 'finished' || format === null) return;
  if (await isPublishing(layout)) await publish(layout, lock, format, record, {});
  else await clearRun(layout, lock);
}

/** Writes the remaining rows of a table. @returns their number */
async function writeWithout(
  layout: Layout,
  format: FileFormat,
  table: Table,
  traces: UserMatches,
): Promise<number> {
  const file = await open(layout.newRun.rows(table), 'wx', FILE_MODE);
  try {
    const write = async (text: string): Promise<void> => {
      for (const piece of await format.pack(text === '' ? [] : [Buffer.from(text)]))
        await file.appendFile(piece);
    };
    await file.appendFile(format.header(table));
    let rows = 0;
    let text = '';
    for await (const row of format.records(layout, table)) {
      const left = traces.without(table, row);
      if (left === null) continue;
      rows += 1;
      text += csvText(table, [asRow(table, left)]);
      if (text.length < PIECE) continue;
      await write(text);
      text = '';
    }
    await write(text);
    await file.sync();
    return rows;
  } finally {
    await file.close();
  }
}

const asRow = (table: Table, fields: Fields): Record<string, string | null> =>
  Object.fromEntries(table.columns.map(({ name }, place) => [name, fields[place] ?? null]));

/** A run's record after a user's rows are removed: it must agree with the files. */
function withoutUser(record: RunRecord, traces: UserMatches): RunRecord {
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
    list: { ...list, users: list.users - users, suppressed: list.suppressed + users },
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
