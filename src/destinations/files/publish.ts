import { rename, rm, stat } from 'node:fs/promises';
import type { Table } from '../../rows/table.ts';
import { allTables } from '../../rows/tables.ts';
import { reachCrashPoint } from '../contract/crash-points.ts';
import type { RunRecord } from '../contract/destination.ts';
import { DestinationError } from '../contract/destination-error.ts';
import { exists } from '../exists.ts';
import type { FileFormat } from './formats/format.ts';
import type { DirectoryLock } from './lock/directory-lock.ts';
import { replaceDurably, syncDirectory } from './storage/durable-file.ts';
import type { Layout, RunLayout } from './storage/layout.ts';
import { type FileFacts, readRecord, recordJson } from './storage/run-record.ts';
import { sha256 } from './storage/sha256.ts';

/** True from when the run's manifest is written until all of its files are in place. */
export const isPublishing = (layout: Layout): Promise<boolean> => exists(layout.run.manifest);

/**
 * Puts a finished run's files in their final place. The manifest is removed first and put in place last, since files without a
 * manifest may belong to two runs. After a kill at any point, it continues where it was.
 * @param lock checked before each step: a process that was frozen may have lost it
 * @param rows rows of each table's file, by file name
 */
export async function publish(
  layout: Layout,
  lock: Pick<DirectoryLock, 'verify'>,
  format: FileFormat,
  record: RunRecord,
  rows: Readonly<Record<string, number>>,
): Promise<void> {
  await lock.verify();
  if (!(await exists(layout.run.manifest)) && (await hasRows(layout))) {
    await makeFiles(layout.run, lock, format, record, rows);
    reachCrashPoint('finish-written');
  }
  if (!(await exists(layout.run.manifest))) await requirePublished(layout, record.runId);
  else {
    await rm(layout.manifest, { force: true });
    await syncDirectory(layout.directory);
    for (const table of allTables) {
      await lock.verify();
      await format.place(layout, table);
      reachCrashPoint('file-placed');
    }
    await lock.verify();
    // The run may have no timelines; then the file of an earlier run stays. It names its run.
    if (await exists(layout.run.timelines)) await rename(layout.run.timelines, layout.timelines);
    await syncDirectory(layout.directory);
    await lock.verify();
    await rename(layout.run.manifest, layout.manifest);
    await syncDirectory(layout.directory);
    reachCrashPoint('finished');
  }
  await lock.verify();
  await rename(layout.run.directory, layout.oldRun);
  await syncDirectory(layout.directory);
  await rm(layout.oldRun, { recursive: true, force: true });
  reachCrashPoint('tidied-up');
}

/**
 * Makes the files for readers from a finished run's own files, and their manifest.
 * @param rows as `publish`
 */
export async function makeFiles(
  run: RunLayout,
  lock: Pick<DirectoryLock, 'verify'>,
  format: FileFormat,
  record: RunRecord,
  rows: Readonly<Record<string, number>>,
): Promise<void> {
  const rowCount = ({ name }: Table): number => rows[`${name}.csv`] ?? 0;
  await format.make(run, rowCount, () => lock.verify());
  const files: Record<string, FileFacts> = {};
  for (const table of allTables) {
    const made = await format.made(run, table, rowCount(table));
    for (const { name, path, rows } of made)
      files[name] = { rows, bytes: (await stat(path)).size, sha256: await sha256(path) };
  }
  const manifest = { ...recordJson(record, format.name), files };
  await replaceDurably(run.manifest, `${JSON.stringify(manifest, null, 2)}\n`, () => lock.verify());
}

/**
 * A run without its files and without a manifest of its own has published both.
 * @throws {DestinationError} when the manifest in place belongs to another run: the files were removed
 */
export async function requirePublished(layout: Layout, runId: number): Promise<void> {
  if ((await readRecord(layout.manifest))?.runId === runId) return;
  throw new DestinationError(
    `${layout.run.rows(allTables[0])} is missing: run ${runId} was damaged; start over with --fresh`,
  );
}

/** True while the run's files are still in the run's directory. */
export const hasRows = (layout: Layout): Promise<boolean> => exists(layout.run.rows(allTables[0]));
