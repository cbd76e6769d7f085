import { exportedUsers } from '../../rows/tables.ts';
import type { RunRecord } from '../contract/destination.ts';
import { firstUser } from './formats/first-user.ts';
import { formatAtWork } from './formats/formats.ts';
import { rowsIn } from './formats/row-file.ts';
import type { Layout } from './storage/layout.ts';
import { readRecord } from './storage/run-record.ts';
import { suppressedBy } from './storage/suppressed-file.ts';

/**
 * The key of the pseudonyms in a directory's rows: in the published files, otherwise in those of an unfinished run, which may
 * have none yet.
 */
export async function keyFingerprintOfFiles(
  layout: Layout,
  sdkAppId: number,
  of: 'rows' | 'rows-and-plans' = 'rows',
): Promise<Pick<RunRecord, 'keyFingerprint'> | null> {
  const { run, manifest } = layout;
  const published = await readRecord(manifest);
  if (published !== null) return published;
  const atWork = await readRecord(run.record);
  // A user erased under one name would be pulled under another.
  if (atWork === null) return await suppressedBy(layout.suppressed, sdkAppId);
  if (of === 'rows-and-plans') return atWork;
  const format = await formatAtWork(layout);
  const hasRows = format !== null && (await firstUser(rowsIn(run.rows(exportedUsers), format))) !== null;
  return hasRows ? atWork : await suppressedBy(layout.suppressed, sdkAppId);
}
