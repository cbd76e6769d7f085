import type pg from 'pg';
import { exportedUsers, rowTables } from '../../../rows/tables.ts';
import { NO_COUNTS, type RunCounts } from '../../contract/counts.ts';
import type { RunRecord, UsersAndRows } from '../../contract/destination.ts';
import { committedSoFar } from '../ledger/run-rows.ts';
import type { SchemaTables } from '../schema/schema-tables.ts';
import { keepVersions } from './history.ts';
import { RowChanges } from './row-changes.ts';

const ROWS = '(conversations + contact_groups + memberships)';
const SOME_JOBS = 3;

type OfRun = Pick<RunRecord, 'runId' | 'sdkAppId' | 'keyFingerprint'>;

/** Other jobs that have committed anything of this app. */
export async function otherJobs(
  client: pg.ClientBase,
  tables: SchemaTables,
  sdkAppId: number,
  job: string,
): Promise<string[]> {
  const { rows } = await client.query(
    `select distinct job from ${tables.runs} r where sdk_app_id = $1 and job <> $2
       and exists (select from ${tables.runChunks} c where c.run_id = r.run_id and c.committed_at is not null)
     order by job limit $3`,
    [sdkAppId, job, SOME_JOBS],
  );
  return rows.map((row) => String(row.job));
}

/** The number of exported users outside the plan of an unfinished run, and of all exported users before it. */
export async function usersNotInPlan(
  client: pg.ClientBase,
  tables: SchemaTables,
  { runId, sdkAppId, keyFingerprint }: OfRun,
): Promise<{ readonly outside: UsersAndRows; readonly before: UsersAndRows }> {
  const { rows } = await client.query(
    `with ${planned(tables, keyFingerprint)}
     select count(*) as all_users, coalesce(sum(${ROWS}), 0) as all_rows,
            count(*) filter (where p.user_id is null) as users,
            coalesce(sum(${ROWS}) filter (where p.user_id is null), 0) as rows
     from ${tables.exportedUsers} e left join planned p using (user_id) where e.sdk_app_id = $2`,
    [runId, sdkAppId],
  );
  const [found] = rows;
  const { counts } = await committedSoFar(client, tables, runId);
  return {
    outside: { users: Number(found.users), rows: Number(found.rows) },
    before: {
      users: Number(found.all_users) - growth(counts, [exportedUsers]),
      rows: Number(found.all_rows) - growth(counts, rowTables),
    },
  };
}

/** Removes all rows of users who are not in a run's plan, inside the open transaction. */
export async function removeOutsideThePlan(
  client: pg.ClientBase,
  tables: SchemaTables,
  { runId, sdkAppId, keyFingerprint, keepsHistory }: OfRun & { readonly keepsHistory: boolean },
): Promise<RunCounts> {
  const { rows } = await client.query(
    `with ${planned(tables, keyFingerprint)}
     delete from ${tables.exportedUsers} e where e.sdk_app_id = $2
       and not exists (select from planned p where p.user_id = e.user_id)
     returning user_id`,
    [runId, sdkAppId],
  );
  const userIds = rows.map((row) => String(row.user_id));
  const work = new RowChanges();
  work.note(exportedUsers.name, { removed: userIds.length });
  for (const { name } of rowTables) {
    const { rowCount } = await client.query(tables.merge[name].removeUsers, [sdkAppId, userIds]);
    work.note(name, { removed: rowCount ?? 0 });
  }
  if (keepsHistory) {
    const gone = userIds.map((userId) => ({ userId, pulledAt: null }));
    await keepVersions(client, tables, { runId, sdkAppId }, gone);
  }
  return { ...NO_COUNTS, pruned: userIds.length, ...work.counts() };
}

/** The number of rows by which tables have grown in a run. */
const growth = ({ added, removed }: RunCounts, tables: readonly { readonly name: string }[]): number =>
  tables.reduce((sum, { name }) => sum + (added[name] ?? 0) - (removed[name] ?? 0), 0);

// $1 is the run. Users deferred to the second pass are in chunks of the first, too. A join, because the list of a large app is
// longer than the memory for a search.
const planned = ({ runChunks }: SchemaTables, keyFingerprint: string | null): string => {
  // In rows, users have only their pseudonym.
  const inRows = keyFingerprint === null ? 'planned' : "split_part(planned, '.', 1)";
  return `planned as (
    select ${inRows} collate "C" as user_id
    from ${runChunks}, unnest(user_ids) as planned where run_id = $1 and pass = 1)`;
};
