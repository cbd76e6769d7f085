import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { reachCrashPoint } from '../contract/crash-points.ts';
import type { RunRecord } from '../contract/destination.ts';
import { DestinationError, InvalidDestination } from '../contract/destination-error.ts';
import type { Erased, UserToErase } from '../contract/erasure.ts';
import { exists } from '../exists.ts';
import { clearRun } from './clear-run.ts';
import { formatAtWork, publishedFormat } from './formats/formats.ts';
import type { DirectoryLock } from './lock/directory-lock.ts';
import { otherFiles, shortList } from './other-files.ts';
import { isPublishing, publish } from './publish.ts';
import { rewriteFiles, tracesInFiles } from './rewrite-files.ts';
import type { Layout } from './storage/layout.ts';
import { jsonLine, readLines } from './storage/lines.ts';
import { readRecord, readStoredRun, type StoredRun } from './storage/run-record.ts';
import { sha256 } from './storage/sha256.ts';
import { addSuppressed, finishErasure } from './storage/suppressed-file.ts';
import type { UserMatches } from './user-matches.ts';

/**
 * Removes a user from a directory. Each step is durable before the next. After a kill at any point, the same command completes
 * the erasure. Until then, `suppressed.json` says that it is not finished.
 *
 * The files of an unfinished run cannot change under its ledger, so that run is abandoned. A run that is being published counts
 * as finished, so its publication is completed first.
 * @throws {InvalidDestination} when the directory holds unknown files, which may contain the user
 * @throws {DestinationError} when a file differs from the manifest
 */
export async function eraseUserFromFiles(
  layout: Layout,
  lock: DirectoryLock,
  user: UserToErase,
  { dryRun }: { readonly dryRun: boolean },
): Promise<Erased> {
  if (dryRun) await refuseWhilePublishing(layout);
  else await finishPublishing(layout, lock);
  const unfinished = await unfinishedRun(layout);
  const manifest = await readStoredRun(layout.manifest);
  if (manifest !== null) await requireFilesOf(layout, manifest);
  const about = {
    abandoned: unfinished?.runId ?? null,
    plans: unfinished !== null && (await isPlanned(layout, user)) ? 1 : 0,
  };
  if (dryRun) return asErased(await tracesInFiles(layout, user), about);
  // First of all, so that after a kill later runs leave the user out, and the unfinished run is not resumed.
  await addSuppressed(layout.suppressed, user, unfinished, () => lock.verify());
  reachCrashPoint('erasure-noted');
  await clearRun(layout, lock);
  reachCrashPoint('unfinished-run-removed');
  const traces = await tracesInFiles(layout, user);
  const record = await readRecord(layout.manifest);
  if (record !== null && !traces.isNone) await rewriteFiles(layout, lock, record, user);
  await finishErasure(layout.suppressed, user, () => lock.verify());
  return asErased(traces, about);
}

/** The rows cannot be counted while the files belong to two runs. */
async function refuseWhilePublishing(layout: Layout): Promise<void> {
  if (!(await isPublishing(layout))) return;
  throw new InvalidDestination(
    `--dry-run: ${layout.directory} holds the files of two runs, because a run was killed while it published its files; ` +
      'run the job again, or run this command without --dry-run: both publish the rest first',
  );
}

async function finishPublishing(layout: Layout, lock: DirectoryLock): Promise<void> {
  const run = await readRecord(layout.run.record);
  const format = await formatAtWork(layout);
  if (run !== null && format !== null && (await isPublishing(layout)))
    await publish(layout, lock, format, run, {});
}

/** The run that an attempt would resume. A run whose files are all in place does not count. */
async function unfinishedRun({ run, manifest }: Layout): Promise<RunRecord | null> {
  const open = await readRecord(run.record);
  return open === null || open.runId === (await readRecord(manifest))?.runId ? null : open;
}

/** Refuses when part of the user would remain, or rows of others would be lost. */
async function requireFilesOf(layout: Layout, { files }: StoredRun): Promise<void> {
  const format = await publishedFormat(layout);
  if (format === null) return;
  const others = await otherFiles(layout, format, Object.keys(files));
  if (others.length > 0) {
    throw new InvalidDestination(
      `${layout.directory} holds files that do not belong to its export and may contain the user: ${shortList(others)}; ` +
        'check them, move or remove them, and run this command again',
    );
  }
  for (const [name, { bytes, sha256: hash }] of Object.entries(files)) {
    const path = join(layout.directory, name);
    const isIntact =
      (await exists(path)) && (await stat(path)).size === bytes && (await sha256(path)) === hash;
    if (isIntact) continue;
    throw new DestinationError(
      `${path} does not match manifest.json: it was damaged, changed or removed, and rows could be missed; ` +
        'run the export again, then run this command again',
    );
  }
}

/** Whether the plan of the unfinished run in a directory contains a user. */
async function isPlanned({ run }: Layout, { planned }: UserToErase): Promise<boolean> {
  // A damaged plan must not protect the user: the run is abandoned in any case. So the plan is read as text.
  const element = jsonLine(planned).trimEnd();
  for await (const { text } of readLines(run.plan)) if (text.includes(element)) return true;
  return false;
}

const asErased = (
  { removed, removedOfOthers, texts }: UserMatches,
  about: Pick<Erased, 'plans' | 'abandoned'>,
): Erased => ({ removed, removedOfOthers, texts, ...about });
