import type pg from 'pg';
import type { RunRecord } from '../destination.ts';
import type { Timeline } from '../timeline.ts';
import type { SchemaTables } from './schema-tables.ts';

/** Writes what a start of a run has seen so far, in place of what was written of it before. */
export async function writeTimeline(
  client: pg.ClientBase,
  { runStarts }: SchemaTables,
  { runId, starts }: RunRecord,
  timeline: Timeline,
): Promise<void> {
  await client.query(
    `insert into ${runStarts} (run_id, start, timeline) values ($1, $2, $3)
     on conflict (run_id, start) do update set timeline = excluded.timeline`,
    [runId, starts, JSON.stringify(timeline)],
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
