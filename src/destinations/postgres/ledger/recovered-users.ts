import type pg from 'pg';
import type { ChunkResult, RunRecord } from '../../contract/destination.ts';
import type { SchemaTables } from '../schema/schema-tables.ts';

/**
 * Notes of the users of a chunk who were exported that they failed before and no longer do, whichever run they failed in:
 * their rows are newer than all of these. Inside the transaction that is open.
 */
export async function markRecovered(
  client: pg.ClientBase,
  { unexportedUsers }: SchemaTables,
  { runId, sdkAppId }: RunRecord,
  { exported }: ChunkResult,
): Promise<void> {
  await client.query(
    `update ${unexportedUsers} set recovered_in_run = $1
     where sdk_app_id = $2 and user_id = any($3) and run_id < $1 and recovered_in_run is null`,
    [runId, sdkAppId, exported.map(({ userId }) => userId)],
  );
}
