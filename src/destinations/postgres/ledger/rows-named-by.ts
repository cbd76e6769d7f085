import type pg from 'pg';
import type { RunRecord } from '../../contract/destination.ts';
import type { SchemaTables } from '../schema/schema-tables.ts';

/**
 * The key of the pseudonyms in an app's rows, from the last run that committed. Runs with another key were refused. Null when
 * there are no rows, or no run with a record.
 * @param of `rows-and-plans`: an unfinished run counts before its first commit, too
 */
export async function keyFingerprintOfTables(
  client: pg.ClientBase,
  { runs, runChunks, exportedUsers, unexportedUsers, suppressionSettings, suppressedUsers }: SchemaTables,
  sdkAppId: number,
  of: 'rows' | 'rows-and-plans' = 'rows',
): Promise<Pick<RunRecord, 'keyFingerprint'> | null> {
  const { rows } = await client.query(
    `select key_fingerprint from ${runs} r where sdk_app_id = $1
       and ($2 and status = 'running'
         or exists (select from ${runChunks} c where c.run_id = r.run_id and c.committed_at is not null)
            and (exists (select from ${exportedUsers} where sdk_app_id = $1)
              or exists (select from ${unexportedUsers} where sdk_app_id = $1)))
     order by run_id desc limit 1`,
    [sdkAppId, of === 'rows-and-plans'],
  );
  const [last] = rows;
  if (last !== undefined) return { keyFingerprint: textOrNull(last.key_fingerprint) };
  // A user erased under one name would be pulled under another.
  const { rows: marks } = await client.query(
    `select key_fingerprint from ${suppressionSettings} where sdk_app_id = $1
       and exists (select from ${suppressedUsers} where sdk_app_id = $1)`,
    [sdkAppId],
  );
  return marks.length === 0 ? null : { keyFingerprint: textOrNull(marks[0].key_fingerprint) };
}

const textOrNull = (value: unknown): string | null => (value === null ? null : String(value));
