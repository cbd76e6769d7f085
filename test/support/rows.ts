import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { parse } from 'csv-parse/sync';
import pg from 'pg';
import { columnNames, type Table } from '../../src/rows/table.ts';
import { parquetObjects } from './parquet.ts';

/** A table's rows in a form that compares: one JSON text a row, values as text or null, sorted. */
export type ComparableRows = readonly string[];

/** A table's file, whether it is compressed or not. */
async function csvContent(directory: string, { name }: Table): Promise<Buffer> {
  const path = join(directory, `${name}.csv`);
  return existsSync(path) ? await readFile(path) : gunzipSync(await readFile(`${path}.gz`));
}

/** The rows of a table's file in a directory of CSV files. */
export async function csvRows(directory: string, table: Table): Promise<ComparableRows> {
  const [header, ...records] = parse(await csvContent(directory, table), {
    cast: (value, { quoting }) => (value === '' && !quoting ? null : value),
  }) as (string | null)[][];
  if (header?.join() !== columnNames(table).join()) {
    throw new Error(`${table.name}.csv has the header ${header?.join()}, not ${columnNames(table).join()}`);
  }
  return comparable(table, records);
}

/** The rows of a table in a directory of Parquet files. */
export async function parquetRows(directory: string, table: Table): Promise<ComparableRows> {
  const rows = await parquetObjects(directory, table);
  const asText = (value: unknown): string | null => {
    if (value === null || value === undefined) return null;
    return value instanceof Date ? value.toISOString().replace('.000Z', 'Z') : String(value);
  };
  return comparable(
    table,
    rows.map((row) => columnNames(table).map((name) => asText(row[name]))),
  );
}

/** The rows of an app in a table of a schema. */
export async function postgresRows(
  url: string,
  table: Table,
  { schema = 'chat_export', sdkAppId = 1400000000 } = {},
): Promise<ComparableRows> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    const columns = table.columns.map(({ name, type }) =>
      type === 'timestamptz'
        ? `to_char(${name} at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"')`
        : `${name}::text`,
    );
    const { rows } = await client.query<(string | null)[]>({
      text: `select ${columns.join(', ')} from "${schema}".${table.name} where sdk_app_id = $1`,
      values: [sdkAppId],
      rowMode: 'array',
    });
    return comparable(table, rows);
  } finally {
    await client.end();
  }
}

export function comparable(table: Table, rows: readonly (string | null)[][]): ComparableRows {
  const json = table.columns.map(({ type }) => type === 'jsonb');
  return rows
    .map((row) =>
      JSON.stringify(row.map((value, i) => (json[i] && value !== null ? sorted(JSON.parse(value)) : value))),
    )
    .sort();
}

/** The order of an object's fields is not a difference. */
function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([name, inner]) => [name, sorted(inner)]),
  );
}
