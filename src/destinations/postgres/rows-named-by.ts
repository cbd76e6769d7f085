import type pg from 'pg';
import type { RunRecord } from '../destination.ts';
import type { SchemaTables } from './schema-tables.ts';

/**
 * Under which key the IDs of an app's rows are pseudonyms, by the last run that committed anything: others were refused. Null when
 * there are no rows, or no run that tells.
 * @param of `rows-and-plans`: an unfinished run counts before it has committed anything
 */
export async function rowsNamedBy(
  client: pg.ClientBase,
  { runs, runChunks, exportedUsers, unexportedUsers }: SchemaTables,
  sdkAppId: number,
  of: 'rows' | 'rows-and-plans' = 'rows',
): Promise<Pick<RunRecord, 'keyCheck'> | null> {
  const { rows } = await client.query(
    // A schema that is not up to date has no such column.
    `select to_jsonb(r) ->> 'key_check' as key_check from ${runs} r where sdk_app_id = $1
       and ($2 and status = 'running'
         or exists (select from ${runChunks} c where c.run_id = r.run_id and c.committed_at is not null)
            and (exists (select from ${exportedUsers} where sdk_app_id = $1)
              or exists (select from ${unexportedUsers} where sdk_app_id = $1)))
     order by run_id desc limit 1`,
    [sdkAppId, of === 'rows-and-plans'],
  );
  const [last] = rows;
  return last === undefined ? null : { keyCheck: last.key_check === null ? null : String(last.key_check) };
}
