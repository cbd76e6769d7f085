import type pg from 'pg';
import { columnNames, type Table } from '../../tables/table.ts';
import { rowTables } from '../../tables/tables.ts';
import type { SchemaTables } from './schema-tables.ts';
import { quoted } from './sql-text.ts';

/** A user whose rows a transaction changes, and when the last page arrived; null: as of the transaction. */
export type ChangedUser = { readonly userId: string; readonly pulledAt: Date | null };

type OfRun = { readonly runId: number; readonly sdkAppId: number };

/** The statements that keep the versions of one row table. */
export type HistoryStatements = {
  /** $1 app: every row as it is becomes its first version. */
  readonly begin: string;
  /** The user and the latest instant that the versions of some users name. $1 app, $2 users. */
  readonly latest: string;
  /** $1 app, $2 run, $3 users, $4 instants: ends the versions that no row is any more. */
  readonly close: string;
  /** The same for rows that are no version yet. */
  readonly open: string;
};

export function historyStatements(schema: string, table: Table): HistoryStatements {
  const rows = `${quoted(schema)}.${quoted(table.name)}`;
  const versions = `${quoted(schema)}.${quoted(`${table.name}_history`)}`;
  const columns = columnNames(table);
  const list = (of: string): string => columns.map((column) => `${of}.${quoted(column)}`).join(', ');
  const written = `(${columns.map(quoted).join(', ')}, valid_from, opened_by)`;
  const sameKey = table.key.map((column) => `t.${quoted(column)} = h.${quoted(column)}`).join(' and ');
  const changed = 'unnest($3::text[], $4::timestamptz[]) as u (user_id, instant)';
  return {
    begin:
      `insert into ${versions} ${written} select ${list('t')}, e.changed_at, t.changed_run from ${rows} t ` +
      `join ${quoted(schema)}.exported_users e using (user_id, sdk_app_id) where t.sdk_app_id = $1`,
    latest:
      `select user_id, max(greatest(valid_from, valid_to)) as instant from ${versions} ` +
      'where sdk_app_id = $1 and user_id = any($2) group by user_id',
    close:
      `update ${versions} h set valid_to = u.instant, closed_by = $2 from ${changed} ` +
      'where h.sdk_app_id = $1 and h.user_id = u.user_id and h.valid_to is null ' +
      `and not exists (select from ${rows} t where ${sameKey} and (${list('t')}) is not distinct from (${list('h')}))`,
    open:
      `insert into ${versions} ${written} select ${list('t')}, u.instant, $2 from ${rows} t ` +
      `join ${changed} on t.user_id = u.user_id where t.sdk_app_id = $1 ` +
      `and not exists (select from ${versions} h where ${sameKey} and h.valid_to is null)`,
  };
}

/**
 * Begins to keep an app's history with the rows as they are, unless it is kept already, inside the transaction that is open.
 * @param since the first run as of which the rows are known
 */
export async function beginHistory(
  client: pg.ClientBase,
  tables: SchemaTables,
  sdkAppId: number,
  since: number,
): Promise<void> {
  const { rowCount } = await client.query(
    `insert into ${tables.histories} (sdk_app_id, since_run) values ($1, $2) on conflict do nothing`,
    [sdkAppId, since],
  );
  if (rowCount === 0) return;
  for (const { name } of rowTables) await client.query(tables.history[name].begin, [sdkAppId]);
}

/** Whether an app's history is kept. Once begun it goes on, whatever later jobs ask for: a gap could not be told. */
export async function isHistoryKept(
  client: pg.ClientBase,
  tables: SchemaTables,
  sdkAppId: number,
): Promise<boolean> {
  const { rows } = await client.query(`select from ${tables.histories} where sdk_app_id = $1`, [sdkAppId]);
  return rows.length > 0;
}

/**
 * Makes versions of what the open transaction has changed, which it must have written by now. All of a user's changes have
 * one instant, which is never before an earlier one of the same user, though this machine's clock may go back.
 */
export async function keepVersions(
  client: pg.ClientBase,
  tables: SchemaTables,
  { runId, sdkAppId }: OfRun,
  users: readonly ChangedUser[],
): Promise<void> {
  if (users.length === 0) return;
  const latest = rowTables.map(({ name }) => tables.history[name].latest).join(' union all ');
  // As text: the driver's dates have no microseconds, and one cut off would go back.
  const { rows } = await client.query<{ user_id: string; instant: string }>(
    `select u.user_id, greatest(coalesce(u.pulled_at, now()), max(h.instant))::text as instant
     from unnest($2::text[], $3::timestamptz[]) as u (user_id, pulled_at)
     left join (${latest}) h on h.user_id = u.user_id
     group by u.user_id, u.pulled_at`,
    [sdkAppId, users.map(({ userId }) => userId), users.map(({ pulledAt }) => pulledAt)],
  );
  const changed = [sdkAppId, runId, rows.map(({ user_id }) => user_id), rows.map(({ instant }) => instant)];
  for (const { name } of rowTables) {
    await client.query(tables.history[name].close, changed);
    await client.query(tables.history[name].open, changed);
  }
}
