import type { ColumnType } from '../../../../rows/table.ts';

/**
 * What a column is in DuckDB, as `describe` tells it. In the files, `BIGINT` is INT64, and an instant a TIMESTAMP in UTC of
 * microseconds. JSON stays a text: what readers make of Parquet's own JSON type differs from one to the next.
 */
export const duckDbTypes: Readonly<Record<ColumnType, string>> = {
  text: 'VARCHAR',
  bigint: 'BIGINT',
  boolean: 'BOOLEAN',
  timestamptz: 'TIMESTAMP WITH TIME ZONE',
  jsonb: 'VARCHAR',
};
