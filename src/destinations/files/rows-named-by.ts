import { exportedUsers } from '../../tables/tables.ts';
import type { RunRecord } from '../destination.ts';
import { firstUser } from './first-user.ts';
import { formAtWork } from './forms.ts';
import type { Layout } from './layout.ts';
import { rowsIn } from './row-file.ts';
import { readRecord } from './run-record.ts';

/** Under which key the IDs of a directory's rows are pseudonyms: of those that are published, else of an unfinished run's, which may have none yet. */
export async function rowsNamedBy(
  layout: Layout,
  of: 'rows' | 'rows-and-plans' = 'rows',
): Promise<Pick<RunRecord, 'keyCheck'> | null> {
  const { run, manifest } = layout;
  const published = await readRecord(manifest);
  if (published !== null) return published;
  const atWork = await readRecord(run.record);
  if (atWork === null || of === 'rows-and-plans') return atWork;
  const form = await formAtWork(layout);
  if (form === null) return null;
  return (await firstUser(rowsIn(run.rows(exportedUsers), form))) === null ? null : atWork;
}
