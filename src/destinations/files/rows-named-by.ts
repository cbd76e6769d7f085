import { exportedUsers } from '../../tables/tables.ts';
import type { RunRecord } from '../destination.ts';
import { firstUser } from './first-user.ts';
import type { Layout } from './layout.ts';
import { readRecord } from './run-record.ts';

/** Under which key the IDs of a directory's rows are pseudonyms: of those that are published, else of an unfinished run's, which may have none yet. */
export async function rowsNamedBy(
  { run, manifest }: Layout,
  of: 'rows' | 'rows-and-plans' = 'rows',
): Promise<Pick<RunRecord, 'keyCheck'> | null> {
  const published = await readRecord(manifest);
  if (published !== null) return published;
  const atWork = await readRecord(run.record);
  if (atWork === null || of === 'rows-and-plans') return atWork;
  return (await firstUser(run.rows(exportedUsers))) === null ? null : atWork;
}
