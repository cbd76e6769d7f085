import type pg from 'pg';
import type { RunRecord } from '../../contract/destination.ts';
import type { Timeline } from '../../contract/timeline.ts';
import type { SchemaTables } from '../schema/schema-tables.ts';
import { type Attempt, IS_LAST_ATTEMPT } from './fence.ts';

/** Writes what the last attempt at a run has seen so far, in place of what was written of it before; nothing for another one. */
export async function writeTimeline(
  client: pg.ClientBase,
  { runs, runStarts }: SchemaTables,
  { runId, starts, countedAt }: Attempt,
  timeline: Timeline,
): Promise<void> {
  await client.query(
    `insert into ${runStarts} (run_id, start, timeline)
     select run_id, starts, $4::json from ${runs} where ${IS_LAST_ATTEMPT}
     on conflict (run_id, start) do update set timeline = excluded.timeline`,
    [runId, starts, countedAt, JSON.stringify(timeline)],
  );
}

/** What the starts of a run saw, in order, by a query of the one who asks. */
export async function readTimelines(
  query: (text: string, values: readonly unknown[]) => Promise<pg.QueryResult>,
  { runStarts }: SchemaTables,
  { runId }: RunRecord,
): Promise<Timeline[]> {
  // The schema may be one that no run has brought up to date yet.
  const { rows: found } = await query('select to_regclass($1) is not null as there', [runStarts]);
  if (found[0]?.there !== true) return [];
  const { rows } = await query(`select timeline from ${runStarts} where run_id = $1 order by start`, [runId]);
  return rows.map((row) => row.timeline as Timeline);
}
