import type pg from 'pg';
import type { RunRecord } from '../../contract/destination.ts';
import { mergeTimelines } from '../../contract/merge-timelines.ts';
import type { ArchivedWorker } from '../../contract/run-archive.ts';
import type { Timeline } from '../../contract/timeline.ts';
import { timelineFrom, timelineJson } from '../../contract/timeline.ts';
import type { SchemaTables } from '../schema/schema-tables.ts';
import { IS_AT_WORK } from '../sharing/worker-state.ts';
import { type Attempt, IS_LAST_ATTEMPT } from './fence.ts';

/** Replaces the stored timeline of a process at the run's last attempt. Does nothing for an earlier attempt. */
export async function upsertTimeline(
  client: pg.ClientBase,
  { runs, runAttempts }: SchemaTables,
  { runId, number, countedAt, worker }: Attempt,
  timeline: Timeline,
): Promise<void> {
  await client.query(
    `insert into ${runAttempts} (run_id, attempt, worker, timeline)
     select run_id, attempts, $4, $5::json from ${runs} where ${IS_LAST_ATTEMPT}
     on conflict (run_id, attempt, worker) do update set timeline = excluded.timeline`,
    [runId, number, countedAt, worker, JSON.stringify(timelineJson(timeline))],
  );
}

type Query = (text: string, values: readonly unknown[]) => Promise<pg.QueryResult>;

/** The timelines of a run's attempts, in order, read with the caller's query function. */
export async function selectTimelines(
  query: Query,
  { runAttempts }: SchemaTables,
  { runId }: RunRecord,
): Promise<Timeline[]> {
  const { rows } = await query(
    `select attempt, timeline from ${runAttempts}
     where run_id = $1 and timeline is not null order by attempt, worker`,
    [runId],
  );
  const attempts = new Map<number, Timeline[]>();
  for (const { attempt, timeline } of rows) {
    const ofAttempt = attempts.get(Number(attempt)) ?? [];
    attempts.set(Number(attempt), [...ofAttempt, timelineFrom(timeline)]);
  }
  return [...attempts.values()].map(mergeTimelines);
}

/** The processes of a shared run, in order. */
export async function selectWorkers(
  query: Query,
  { runAttempts, runChunks }: SchemaTables,
  { runId }: RunRecord,
): Promise<ArchivedWorker[]> {
  const { rows } = await query(
    `select a.*, ${IS_AT_WORK} as is_at_work, coalesce((a.counts ->> 'calls')::bigint, 0) as calls,
            (select count(*) from ${runChunks} c
             where c.run_id = a.run_id and c.attempt = a.attempt and c.worker = a.worker) as chunks
     from ${runAttempts} a where a.run_id = $1 and a.host is not null order by a.attempt, a.worker`,
    [runId],
  );
  return rows.map((row) => ({
    attempt: Number(row.attempt),
    worker: Number(row.worker),
    host: String(row.host),
    startedAt: row.started_at.toISOString(),
    lastSeenAt: row.last_seen_at.toISOString(),
    leftAt: row.left_at?.toISOString() ?? null,
    isAtWork: row.is_at_work === true,
    chunks: Number(row.chunks),
    usersDone: Number(row.users_done),
    calls: Number(row.calls),
  }));
}
