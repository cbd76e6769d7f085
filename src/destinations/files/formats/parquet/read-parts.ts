import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { DuckDBValue } from '@duckdb/node-api';
import { columnNames, type Table } from '../../../../rows/table.ts';
import { DestinationError } from '../../../contract/destination-error.ts';
import { exists } from '../../../exists.ts';
import { ContentCounter, type FileContent } from '../file-content.ts';
import type { Fields } from '../format.ts';
import { duckDbTypes } from './column-types.ts';
import { DuckDb } from './duckdb.ts';
import { AS_THEY_ARE, quotedPath } from './sql-text.ts';

/** The paths of a directory's part files, in the order of their rows; none when the directory is missing. */
export async function partsIn(directory: string): Promise<string[]> {
  if (!(await exists(directory))) return [];
  const names = (await readdir(directory)).filter((name) => name.endsWith('.parquet'));
  return names.sort().map((name) => join(directory, name));
}

/** The number of rows of each part file, from its footer. */
export async function rowsOfParts(duckDb: DuckDb, parts: readonly string[]): Promise<number[]> {
  const counts: number[] = [];
  for (const part of parts) {
    const sql = `select num_rows from parquet_file_metadata(${quotedPath(part)})`;
    for await (const [rows] of duckDb.rows(sql)) counts.push(Number(rows));
  }
  return counts;
}

/** The rows of a table's part files; none when there are no files. */
export async function* partRows(directory: string, table: Table): AsyncGenerator<Fields> {
  const parts = await partsIn(directory);
  if (parts.length === 0) return;
  using duckDb = await DuckDb.open(null);
  yield* fieldsIn(duckDb, parts, table);
}

/** Reads a table's part files to their end, or to the first unreadable one. */
export async function partContent(directory: string, table: Table): Promise<FileContent> {
  const counter = new ContentCounter(table);
  const parts = await partsIn(directory);
  using duckDb = await DuckDb.open(null);
  let problem: string | null = null;
  try {
    problem = await typeProblem(duckDb, parts, table);
    counter.add(columnNames(table));
    if (problem === null) for await (const fields of fieldsIn(duckDb, parts, table)) counter.add(fields);
  } catch (error) {
    if (!(error instanceof DestinationError)) throw error;
    problem = error.message;
  }
  const content = counter.counted;
  return { ...content, problem: problem ?? content.problem };
}

/** The first column, in any part, that differs from the table's; null when there is none. */
async function typeProblem(duckDb: DuckDb, parts: readonly string[], table: Table): Promise<string | null> {
  const expected = table.columns.map(({ name, type }) => `${name} ${duckDbTypes[type]}`);
  for (const part of parts) {
    const found: string[] = [];
    for await (const [name, type] of duckDb.rows(`describe select * from ${source([part])}`))
      found.push(`${name} ${type}`);
    const place = expected.findIndex((column, i) => column !== found[i]);
    if (place >= 0) return `column ${place + 1} is not ${expected[place]}`;
    if (found.length > expected.length) return `there is a column more: ${found[expected.length]}`;
  }
  return null;
}

async function* fieldsIn(
  duckDb: DuckDb,
  parts: readonly string[],
  { columns }: Table,
): AsyncGenerator<Fields> {
  const values = columns.map(({ name, type }) => {
    switch (type) {
      case 'text':
      case 'jsonb':
        return `encode(${name})`;
      case 'timestamptz':
        return `strftime(${name} at time zone 'UTC', '%Y-%m-%dT%H:%M:%SZ')`;
      default:
        return `${name}::varchar`;
    }
  });
  for await (const row of duckDb.rows(`select ${values.join(', ')} from ${source(parts)}`))
    yield row.map(valueText);
}

// Texts come as bytes: DuckDB's own decoding drops a byte order mark at the start of a text.
const texts = new TextDecoder('utf-8', { ignoreBOM: true, fatal: true });

function valueText(value: DuckDBValue): string | null {
  if (value === null) return null;
  return typeof value === 'object' && 'bytes' in value ? texts.decode(value.bytes) : String(value);
}

const source = (parts: readonly string[]): string =>
  `read_parquet([${parts.map(quotedPath).join(', ')}], ${AS_THEY_ARE}, binary_as_string = false, file_row_number = false)`;
