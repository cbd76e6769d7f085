import { rowTables } from '../../tables/tables.ts';
import { type MergeStatements, mergeStatements, quoted } from './sql-text.ts';

/** The tables of one schema, named whole, and the statements that merge its row tables. */
export type SchemaTables = {
  readonly runs: string;
  readonly runChunks: string;
  readonly runStarts: string;
  readonly exportedUsers: string;
  readonly unexportedUsers: string;
  readonly merge: Readonly<Record<(typeof rowTables)[number]['name'], MergeStatements>>;
};

export function schemaTables(schema: string): SchemaTables {
  const named = (table: string): string => `${quoted(schema)}.${table}`;
  const merge = Object.fromEntries(rowTables.map((table) => [table.name, mergeStatements(schema, table)]));
  return {
    runs: named('runs'),
    runChunks: named('run_chunks'),
    runStarts: named('run_starts'),
    exportedUsers: named('exported_users'),
    unexportedUsers: named('unexported_users'),
    merge: merge as SchemaTables['merge'],
  };
}
