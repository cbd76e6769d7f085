import { chmod, mkdir, open, readdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Table } from '../../../../rows/table.ts';
import { DestinationError } from '../../../contract/destination-error.ts';
import { DIRECTORY_MODE, FILE_MODE, syncDirectory } from '../../storage/durable-file.ts';
import { duckDbTypes } from './column-types.ts';
import { type DuckDb, RowsRefused } from './duckdb.ts';
import { partsIn, rowsOfParts } from './read-parts.ts';
import { AS_THEY_ARE, quotedPath, quoteLiteral } from './sql-text.ts';

/** How a table is split into part files. */
export type PartSize = {
  readonly rowsPerGroup: number;
  readonly groupsPerPart: number;
};

/** DuckDB's own size of a row group. A part file then has at most 3.9 million rows. */
export const PART_SIZE: PartSize = { rowsPerGroup: 122_880, groupsPerPart: 32 };

const MIB = 1024 * 1024;

/** A CSV file and its number of rows. */
export type RowSource = { readonly path: string; readonly rows: number };

/** How a table's CSV file is read, and the memory for it. */
type Reading = {
  readonly memoryMib: number;
  readonly groupBytes: number;
  readonly mostRecordBytes: number;
  /** In pieces that start where a row seems to start. Otherwise all texts with quotes stay in memory. */
  readonly inPieces: boolean;
};

// An answer of the API has at most 8 MiB. It may be a single row, with doubled quotes.
const longRows = { memoryMib: 1_024, groupBytes: 64 * MIB, mostRecordBytes: 16 * MIB };

/** Tried in order. All but the first are for rows of over a megabyte, and for names that look like rows. */
const readings: readonly Reading[] = [
  { memoryMib: 96, groupBytes: 8 * MIB, mostRecordBytes: MIB, inPieces: true },
  { ...longRows, inPieces: true },
  { ...longRows, inPieces: false },
];

/**
 * Converts a CSV file into Parquet part files, durably: `part-00000.parquet` and so on, in the order of the rows, at least one.
 * @param directory is created, and replaces an existing one
 */
export async function writeParts(
  duckDb: DuckDb,
  table: Table,
  source: RowSource,
  directory: string,
  size: PartSize = PART_SIZE,
): Promise<void> {
  await copyParts(duckDb, table, source, directory, size);
  for (const name of await readdir(directory)) {
    const path = join(directory, partName(partNumber(name)));
    await rename(join(directory, name), path);
    await chmod(path, FILE_MODE);
    await using file = await open(path, 'r+');
    await file.sync();
  }
  await syncDirectory(directory);
}

async function copyParts(
  duckDb: DuckDb,
  table: Table,
  source: RowSource,
  directory: string,
  size: PartSize,
): Promise<void> {
  let refusal: unknown;
  for (const reading of readings) {
    try {
      await copyReading(reading, duckDb, table, source.path, directory, size);
      const rows = (await rowsOfParts(duckDb, await partsIn(directory))).reduce((sum, some) => sum + some, 0);
      if (rows === source.rows) return;
      refusal = new DestinationError(
        `DuckDB reads ${rows} rows in ${source.path}, not the ${source.rows} that were written; start over with --fresh, ` +
          'and into csv: if it happens again',
      );
    } catch (error) {
      if (!(error instanceof RowsRefused)) throw error;
      refusal = error;
    }
  }
  throw refusal;
}

async function copyReading(
  { memoryMib, groupBytes, ...reading }: Reading,
  duckDb: DuckDb,
  table: Table,
  csv: string,
  directory: string,
  { rowsPerGroup, groupsPerPart }: PartSize,
): Promise<void> {
  await rm(directory, { recursive: true, force: true });
  await mkdir(directory, { mode: DIRECTORY_MODE });
  await duckDb.run(`set memory_limit = '${memoryMib}MiB'`);
  const rows = `select * from ${csvSource(table, csv, reading)}`;
  const format = `format parquet, compression zstd, row_group_size ${rowsPerGroup}, row_group_size_bytes ${groupBytes}`;
  await duckDb.run(
    `copy (${rows}) to ${quoteLiteral(directory)} (${format}, row_groups_per_file ${groupsPerPart}, filename_pattern 'part-{i}', overwrite_or_ignore true)`,
  );
  // DuckDB makes no part without rows.
  if ((await readdir(directory)).length > 0) return;
  await duckDb.run(`copy (${rows}) to ${quoteLiteral(join(directory, 'part-0.parquet'))} (${format})`);
}

/**
 * Sets everything that DuckDB would otherwise guess from the file or its path. Only an empty field is null: by default, DuckDB
 * takes the empty text for null, too.
 */
function csvSource(
  { columns }: Table,
  path: string,
  { mostRecordBytes, inPieces }: Pick<Reading, 'mostRecordBytes' | 'inPieces'>,
): string {
  const types = columns.map(({ name, type }) => `${quoteLiteral(name)}: ${quoteLiteral(duckDbTypes[type])}`);
  const dialect =
    `auto_detect = false, header = true, skip = 0, delim = ',', quote = '"', escape = '"', new_line = '\\n', comment = '', ` +
    `nullstr = '', allow_quoted_nulls = false, decimal_separator = '.', null_padding = false, ignore_errors = false, ` +
    `strict_mode = true, normalize_names = false, encoding = 'utf-8', compression = 'none'`;
  const reading = `parallel = ${inPieces}, max_line_size = ${mostRecordBytes}, buffer_size = ${2 * mostRecordBytes}`;
  return `read_csv(${quotedPath(path)}, ${AS_THEY_ARE}, ${dialect}, ${reading}, columns = {${types.join(', ')}})`;
}

const partNumber = (name: string): number => Number(/^part-(\d+)\.parquet$/.exec(name)?.[1]);

/** Five digits, so that names sort like rows. */
const partName = (number: number): string => `part-${String(number).padStart(5, '0')}.parquet`;
