import { columnNames, type Table } from '../../../rows/table.ts';
import { quoteIdentifier } from './sql-text.ts';

/** The statements that keep the versions of one row table. */
export type HistoryStatements = {
  /** $1 app: makes every current row a first version. */
  readonly begin: string;
  /** The user and the latest instant in the versions of some users. $1 app, $2 users. */
  readonly latest: string;
  /** $1 app, $2 run, $3 users, $4 instants: ends the versions that differ from the rows. */
  readonly close: string;
  /** The same parameters: inserts a version for each row without one. */
  readonly open: string;
  /** The same for users who have no version yet. */
  readonly openFirst: string;
};

export function historyStatements(schema: string, table: Table): HistoryStatements {
  const rows = `${quoteIdentifier(schema)}.${quoteIdentifier(table.name)}`;
  const versions = `${quoteIdentifier(schema)}.${quoteIdentifier(`${table.name}_history`)}`;
  const columns = columnNames(table);
  const list = (of: string): string => columns.map((column) => `${of}.${quoteIdentifier(column)}`).join(', ');
  const written = `(${columns.map(quoteIdentifier).join(', ')}, valid_from, valid_from_run)`;
  const sameKey = table.key
    .map((column) => `t.${quoteIdentifier(column)} = h.${quoteIdentifier(column)}`)
    .join(' and ');
  // The join alone means the same. But before the tables have statistics, the server then took each user for a large part of
  // them, and read all rows of the app for each chunk.
  const ofThese = (of: string): string => `${of}.user_id = any($3::text[])`;
  const changed = 'unnest($3::text[], $4::timestamptz[]) as u (user_id, instant)';
  const openFirst =
    `insert into ${versions} ${written} select ${list('t')}, u.instant, $2 from ${rows} t ` +
    `join ${changed} on t.user_id = u.user_id where t.sdk_app_id = $1 and ${ofThese('t')}`;
  return {
    begin:
      `insert into ${versions} ${written} select ${list('t')}, e.changed_at, t.last_changed_run from ${rows} t ` +
      `join ${quoteIdentifier(schema)}.exported_users e using (user_id, sdk_app_id) where t.sdk_app_id = $1`,
    latest:
      `select user_id, max(greatest(valid_from, valid_to)) as instant from ${versions} ` +
      'where sdk_app_id = $1 and user_id = any($2) group by user_id',
    close:
      `update ${versions} h set valid_to = u.instant, valid_to_run = $2 from ${changed} ` +
      `where h.sdk_app_id = $1 and ${ofThese('h')} and h.user_id = u.user_id and h.valid_to is null ` +
      `and not exists (select from ${rows} t where ${sameKey} and (${list('t')}) is not distinct from (${list('h')}))`,
    open: `${openFirst} and not exists (select from ${versions} h where ${sameKey} and h.valid_to is null)`,
    openFirst,
  };
}
