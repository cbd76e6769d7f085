import type { Table } from '../../../rows/table.ts';
import { columnNames } from '../../../rows/table.ts';

/** Quotes any name for SQL. */
export const quoteIdentifier = (name: string): string => `"${name.replaceAll('"', '""')}"`;

/** A text in dollar quotes that it does not contain. */
export function dollarQuoted(text: string): string {
  let tag = '$chat_export$';
  for (let i = 1; text.includes(tag); i += 1) tag = `$chat_export_${i}$`;
  return `${tag}${text}${tag}`;
}

/** A text for a comment that ends with its line. */
export const inComment = (text: string): string =>
  text.replace(
    /[\p{Cc}\u2028\u2029]/gu,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );

const list = (names: readonly string[]): string => names.map(quoteIdentifier).join(', ');

/** The statements that merge one row table, made from its columns. */
export type MergeStatements = {
  /** The stage and the table take the same text: all columns of the table, and `last_changed_run`. */
  readonly createStage: string;
  readonly copyToStage: string;
  /** For users without rows. */
  readonly copyToTable: string;
  /** $1 app, $2 users: removes the rows that the stage does not hold. */
  readonly removeVanished: string;
  /** Inserts new rows and updates those that differ. */
  readonly writeChanged: string;
  /** $1 app, $2 users: removes all rows of these users. */
  readonly removeUsers: string;
};

export function mergeStatements(schema: string, table: Table): MergeStatements {
  const target = `${quoteIdentifier(schema)}.${quoteIdentifier(table.name)}`;
  const stage = `pg_temp.${quoteIdentifier(`stage_${table.name}`)}`;
  const columns = columnNames(table);
  const written = list([...columns, 'last_changed_run']);
  const values = columns.filter((column) => !table.key.includes(column));
  const sameKey = table.key
    .map((column) => `s.${quoteIdentifier(column)} = t.${quoteIdentifier(column)}`)
    .join(' and ');
  const row = (of: string): string =>
    `(${values.map((column) => `${of}.${quoteIdentifier(column)}`).join(', ')})`;
  const onConflict =
    values.length === 0
      ? 'do nothing'
      : `do update set ${values.map((column) => `${quoteIdentifier(column)} = excluded.${quoteIdentifier(column)}`).join(', ')}, ` +
        `last_changed_run = excluded.last_changed_run where ${row('t')} is distinct from ${row('excluded')}`;
  return {
    createStage:
      `create temporary table if not exists ${quoteIdentifier(`stage_${table.name}`)} ` +
      `on commit delete rows as select ${written} from ${target} with no data`,
    copyToStage: `copy ${stage} (${written}) from stdin`,
    copyToTable: `copy ${target} (${written}) from stdin`,
    removeVanished:
      `delete from ${target} t where t.sdk_app_id = $1 and t.user_id = any($2) ` +
      `and not exists (select from ${stage} s where ${sameKey})`,
    writeChanged:
      `insert into ${target} as t (${written}) select ${written} from ${stage} ` +
      `on conflict (${list(table.key)}) ${onConflict}`,
    removeUsers: `delete from ${target} where sdk_app_id = $1 and user_id = any($2)`,
  };
}
