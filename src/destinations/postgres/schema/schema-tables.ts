import type { Table } from '../../../rows/table.ts';
import { rowTables } from '../../../rows/tables.ts';
import { type HistoryStatements, historyStatements } from './history-statements.ts';
import { type MergeStatements, mergeStatements, quoteIdentifier } from './sql-text.ts';

type RowTableName = (typeof rowTables)[number]['name'];

/** The qualified names of one schema's tables, and the statements that merge its row tables and keep their versions. */
export type SchemaTables = {
  readonly runs: string;
  readonly runChunks: string;
  readonly runAttempts: string;
  readonly callQuota: string;
  readonly exportedUsers: string;
  readonly unexportedUsers: string;
  readonly historyTracking: string;
  readonly suppressionSettings: string;
  readonly suppressedUsers: string;
  readonly merge: Readonly<Record<RowTableName, MergeStatements>>;
  readonly history: Readonly<Record<RowTableName, HistoryStatements>>;
};

export function schemaTables(schema: string): SchemaTables {
  const named = (table: string): string => `${quoteIdentifier(schema)}.${table}`;
  const ofEach = <T>(make: (schema: string, table: Table) => T): Readonly<Record<RowTableName, T>> =>
    Object.fromEntries(rowTables.map((table) => [table.name, make(schema, table)])) as Record<
      RowTableName,
      T
    >;
  return {
    runs: named('runs'),
    runChunks: named('run_chunks'),
    runAttempts: named('run_attempts'),
    callQuota: named('call_quota'),
    exportedUsers: named('exported_users'),
    unexportedUsers: named('unexported_users'),
    historyTracking: named('history_tracking'),
    suppressionSettings: named('suppression_settings'),
    suppressedUsers: named('suppressed_users'),
    merge: ofEach(mergeStatements),
    history: ofEach(historyStatements),
  };
}
