import type pg from 'pg';
import type { Attempt } from '../ledger/fence.ts';
import type { SchemaTables } from '../schema/schema-tables.ts';
import type { BossDatabase } from './pg-boss.ts';
import { SILENT_AFTER_MS } from './worker-state.ts';

const keyOf = (run: string, attempt: string, worker: string, place: string): string =>
  `hashtextextended('chat-export:commit of ' || ${run} || '.' || ${attempt} || '.' || ${worker} || ' in ' || ${place}, 0)`;

/** Shows the others, until the open transaction ends, which server process commits for a worker. */
export async function showCommitter(
  client: pg.ClientBase,
  { runs }: SchemaTables,
  { runId, number, worker }: Attempt,
): Promise<void> {
  const key = keyOf('$1::text', '$2::text', '$3::text', '$4::text');
  await client.query(
    `select pg_advisory_xact_lock_shared(${key})`,
    [runId, number, worker, runs].map(String),
  );
}

/**
 * Ends the transactions of workers that have been silent for too long. A frozen process keeps the locks of its commit, and others
 * would wait for them. The server's own time-outs do not help while it waits for the rest of a COPY.
 * @param except the caller's number among the workers of the run's last attempt, or 0
 */
export async function endSilentCommits(
  database: BossDatabase,
  { runs, runAttempts }: SchemaTables,
  runId: number,
  except = 0,
): Promise<void> {
  const key = keyOf('a.run_id', 'a.attempt', 'a.worker', '$2::text');
  await database.executeSql(
    `select pg_terminate_backend(l.pid)
     from ${runAttempts} a
     join ${runs} r on r.run_id = a.run_id and r.attempts = a.attempt
     join pg_locks l on l.locktype = 'advisory' and l.objsubid = 1 and l.granted
       and ((l.classid::bigint << 32) | l.objid::bigint) = ${key}
       and l.database = (select oid from pg_database where datname = current_database())
     join pg_stat_activity s on s.pid = l.pid and s.usename = current_user
     where a.run_id = $1 and a.worker <> $3
       and a.last_seen_at < clock_timestamp() - interval '${SILENT_AFTER_MS} ms'`,
    [runId, runs, except],
  );
}
