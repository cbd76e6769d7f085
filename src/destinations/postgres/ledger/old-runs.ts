import type pg from 'pg';
import type { RunRecord } from '../../contract/destination.ts';
import type { SchemaTables } from '../schema/schema-tables.ts';

/**
 * Removes the runs of a finished run's app and job beyond the newest `keep`, with plan, ledger and unexported users, in a
 * transaction of its own. Unfinished runs stay. Row tables are not touched.
 * @param options.stop ends it between two statements; the caller cancels the current one
 * @throws the reason of `stop`
 */
export async function removeOldRuns(
  client: pg.ClientBase,
  tables: SchemaTables,
  { sdkAppId, job, runId }: RunRecord,
  { keep, stop }: { readonly keep: number; readonly stop: AbortSignal },
): Promise<void> {
  await client.query('begin');
  try {
    const { rows } = await client.query(
      `select run_id, status, retry_of_run, users_beyond_limit from ${tables.runs} where sdk_app_id = $1 and job = $2 and run_id <= $3
       order by run_id desc`,
      [sdkAppId, job, runId],
    );
    // A retry run is removed with the other runs of its time, and does not count towards `keep`.
    const whole = rows.filter((run) => run.retry_of_run === null);
    const kept = whole.slice(0, keep);
    const oldest = Number(kept.at(-1)?.run_id ?? 0);
    // The runs that stale_users uses. The last one of them stays, whatever number of runs with --limit followed.
    const complete = whole.filter((run) => run.status === 'finished' && Number(run.users_beyond_limit) === 0);
    const heir = complete.findLast((run) => Number(run.run_id) >= oldest) ?? complete[0];
    const old = rows.filter((run) => Number(run.run_id) < oldest && run.status !== 'running' && run !== heir);
    if (old.length > 0) {
      stop.throwIfAborted();
      if (heir !== undefined) await carryOverStaleSince(client, tables, sdkAppId, job, heir.run_id);
      stop.throwIfAborted();
      // Foreign keys remove what belongs to them.
      await client.query(`delete from ${tables.runs} where run_id = any($1)`, [old.map((run) => run.run_id)]);
    }
    await client.query('commit');
  } catch (error) {
    await client.query('rollback').catch(() => {});
    throw error;
  }
}

/** Stores with the failed users of a run since when they have failed, from the records of the runs before it. */
async function carryOverStaleSince(
  client: pg.ClientBase,
  tables: SchemaTables,
  sdkAppId: number,
  job: string,
  runId: number,
): Promise<void> {
  await client.query(
    `with finished as (
       select run_id, started_at, row_number() over (order by run_id desc) as place
       from ${tables.runs} where sdk_app_id = $1 and job = $2 and status = 'finished' and retry_of_run is null
         and users_beyond_limit = 0 and run_id <= $3
     ), failed as (
       select u.user_id, coalesce(u.stale_since, f.started_at) as since, f.place,
              row_number() over (partition by u.user_id order by f.place) as failures
       from ${tables.unexportedUsers} u join finished f using (run_id) where u.recovered_in_run is null
     ), handed as (
       select user_id, min(since) as since from failed where place = failures group by user_id having count(*) > 1
     )
     update ${tables.unexportedUsers} u set stale_since = handed.since
     from handed where u.run_id = $3 and u.sdk_app_id = $1 and u.user_id = handed.user_id`,
    [sdkAppId, job, runId],
  );
}
