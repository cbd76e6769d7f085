import type pg from 'pg';
import type { ChunkResult, RunRecord } from '../../contract/destination.ts';
import type { SchemaTables } from '../schema/schema-tables.ts';

/**
 * Marks the earlier failures of a chunk's exported users as recovered, in every run: their new rows are newer. Inside the open
 * transaction.
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
