import type pg from 'pg';
import type { RunRecord } from '../../contract/destination.ts';
import type { Timeline } from '../../contract/timeline.ts';
import { timelineFrom, timelineJson } from '../../contract/timeline.ts';
import type { SchemaTables } from '../schema/schema-tables.ts';
import { type Attempt, IS_LAST_ATTEMPT } from './fence.ts';

/** Replaces the stored timeline of the run's last attempt. Does nothing for an earlier attempt. */
export async function upsertTimeline(
  client: pg.ClientBase,
  { runs, runAttempts }: SchemaTables,
  { runId, number, countedAt }: Attempt,
  timeline: Timeline,
): Promise<void> {
  await client.query(
    `insert into ${runAttempts} (run_id, attempt, timeline)
     select run_id, attempts, $4::json from ${runs} where ${IS_LAST_ATTEMPT}
     on conflict (run_id, attempt) do update set timeline = excluded.timeline`,
    [runId, number, countedAt, JSON.stringify(timelineJson(timeline))],
  );
}

/** The timelines of a run's attempts, in order, read with the caller's query function. */
export async function selectTimelines(
  query: (text: string, values: readonly unknown[]) => Promise<pg.QueryResult>,
  { runAttempts }: SchemaTables,
  { runId }: RunRecord,
): Promise<Timeline[]> {
  const { rows } = await query(`select timeline from ${runAttempts} where run_id = $1 order by attempt`, [
    runId,
  ]);
  return rows.map((row) => timelineFrom(row.timeline));
}
