import type pg from 'pg';
import { addChanges, type ChangeTotals, NO_CHANGES } from '../../contract/counts.ts';
import type { SchemaTables } from '../schema/schema-tables.ts';

/**
 * The changes of the chunks that a run has committed last: of as many as have so many users together.
 * @param except numbers of chunks that do not count
 */
export async function committedChanges(
  client: pg.ClientBase,
  { runChunks }: SchemaTables,
  runId: number,
  { users, except }: { readonly users: number; readonly except: readonly number[] },
): Promise<ChangeTotals> {
  // A chunk without a pulled user has no changes.
  const { rows } = await client.query<{ changes: ChangeTotals }>(
    `select changes from ${runChunks}
     where run_id = $1 and (changes->>'users')::int > 0 and chunk <> all($2::int[])
     order by committed_at desc, chunk desc limit $3`,
    [runId, except, users],
  );
  let totals = NO_CHANGES;
  for (const { changes } of rows) {
    if (totals.users >= users) break;
    totals = addChanges(totals, changes);
  }
  return totals;
}
