import type { ColumnType } from '../../../../rows/table.ts';

/**
 * The DuckDB type of a column, as `describe` reports it. In the files, `BIGINT` is INT64, and an instant is a TIMESTAMP in UTC
 * with microseconds. JSON stays a text: readers of Parquet's own JSON type differ.
 */
export const duckDbTypes: Readonly<Record<ColumnType, string>> = {
  text: 'VARCHAR',
  bigint: 'BIGINT',
  boolean: 'BOOLEAN',
  timestamptz: 'TIMESTAMP WITH TIME ZONE',
  jsonb: 'VARCHAR',
};
