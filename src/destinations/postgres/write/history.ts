import type pg from 'pg';
import { rowTables } from '../../../rows/tables.ts';
import type { SchemaTables } from '../schema/schema-tables.ts';

/** A user whose rows a transaction changes, and when the last page arrived; null: the instant of the transaction. */
export type ChangedUser = { readonly userId: string; readonly pulledAt: Date | null };

/** A user, and the instant at which the versions change. */
type Instant = { readonly user_id: string; readonly instant: string };

type OfRun = { readonly runId: number; readonly sdkAppId: number };

/**
 * Starts an app's history with the current rows, unless it exists already, inside the open transaction.
 * @param since the first run since which the rows are known
 */
export async function beginHistory(
  client: pg.ClientBase,
  tables: SchemaTables,
  sdkAppId: number,
  since: number,
): Promise<void> {
  const { rowCount } = await client.query(
    `insert into ${tables.historyTracking} (sdk_app_id, since_run) values ($1, $2) on conflict do nothing`,
    [sdkAppId, since],
  );
  if (rowCount === 0) return;
  for (const { name } of rowTables) await client.query(tables.history[name].begin, [sdkAppId]);
}

/** Whether an app's history is kept. Once started it continues, whatever later jobs ask for: a gap would be invisible. */
export async function isHistoryKept(
  client: pg.ClientBase,
  tables: SchemaTables,
  sdkAppId: number,
): Promise<boolean> {
  const { rows } = await client.query(`select from ${tables.historyTracking} where sdk_app_id = $1`, [
    sdkAppId,
  ]);
  return rows.length > 0;
}

/**
 * Makes versions of the changes that the open transaction has written. All changes of a user have one instant. It is never before
 * an earlier instant of the same user, even if this machine's clock goes back.
 */
export async function keepVersions(
  client: pg.ClientBase,
  tables: SchemaTables,
  { runId, sdkAppId }: OfRun,
  users: readonly ChangedUser[],
): Promise<void> {
  if (users.length === 0) return;
  const latest = rowTables.map(({ name }) => tables.history[name].latest).join(' union all ');
  // As text: the driver's dates have no microseconds, and a truncated instant would go back.
  const { rows } = await client.query<Instant & { has_versions: boolean }>(
    `select u.user_id, greatest(coalesce(u.pulled_at, now()), max(h.instant))::text as instant,
            count(h.instant) > 0 as has_versions
     from unnest($2::text[], $3::timestamptz[]) as u (user_id, pulled_at)
     left join (${latest}) h on h.user_id = u.user_id
     group by u.user_id, u.pulled_at`,
    [sdkAppId, users.map(({ userId }) => userId), users.map(({ pulledAt }) => pulledAt)],
  );
  const known = rows.filter((user) => user.has_versions);
  // All users of a first run.
  const fresh = rows.filter((user) => !user.has_versions);
  const about = (users: readonly Instant[]) => {
    const userIds = users.map((user) => user.user_id);
    const instants = users.map(({ instant }) => instant);
    return [sdkAppId, runId, userIds, instants];
  };
  for (const { name } of rowTables) {
    const { close, open, openFirst } = tables.history[name];
    if (known.length > 0) {
      await client.query(close, about(known));
      await client.query(open, about(known));
    }
    if (fresh.length > 0) await client.query(openFirst, about(fresh));
  }
}
