import { chmod, mkdir, open, readdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Table } from '../../../../rows/table.ts';
import { DestinationError } from '../../../contract/destination-error.ts';
import { DIRECTORY_MODE, FILE_MODE, syncDirectory } from '../../storage/durable-file.ts';
import { duckDbTypes } from './column-types.ts';
import { type DuckDb, RowsRefused } from './duckdb.ts';
import { partsIn, rowsOfParts } from './read-parts.ts';
import { AS_THEY_ARE, quotedPath, quoteLiteral } from './sql-text.ts';

/** How a table is cut into part files. */
export type PartSize = {
  readonly rowsPerGroup: number;
  readonly groupsPerPart: number;
};

/** DuckDB's own size of a row group; a part file is then of 3.9 million rows at most. */
export const PART_SIZE: PartSize = { rowsPerGroup: 122_880, groupsPerPart: 32 };

const MIB = 1024 * 1024;

/** A file of CSV, and how many rows were written into it. */
export type RowSource = { readonly path: string; readonly rows: number };

/** How a table's file of CSV is read, and what that may take. */
type Reading = {
  readonly memoryMib: number;
  readonly groupBytes: number;
  readonly mostRecordBytes: number;
  /** Piece by piece, which begins where a row seems to; else all texts with quotes in them stay in memory. */
  readonly inPieces: boolean;
};

// An answer of the API has 8 MiB at most; all of it may be one row, in which quotes are doubled.
const longRows = { memoryMib: 1_024, groupBytes: 64 * MIB, mostRecordBytes: 16 * MIB };

/** Tried one after the other. All but the first are for rows of over a megabyte, and for names made to look like rows. */
const readings: readonly Reading[] = [
  { memoryMib: 96, groupBytes: 8 * MIB, mostRecordBytes: MIB, inPieces: true },
  { ...longRows, inPieces: true },
  { ...longRows, inPieces: false },
];

/**
 * Writes the rows of a file of CSV into part files of Parquet, durably: `part-00000.parquet` and so on, in the order of the
 * rows, one at least.
 * @param directory is made, in place of what is there
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
    const path = join(directory, partName(numberOf(name)));
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
  // Of no rows it makes no part.
  if ((await readdir(directory)).length > 0) return;
  await duckDb.run(`copy (${rows}) to ${quoteLiteral(join(directory, 'part-0.parquet'))} (${format})`);
}

/**
 * Every setting that DuckDB would otherwise guess from the file or from its path is given. Only an empty field is null: DuckDB alone
 * would take the empty text for it too.
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

const numberOf = (name: string): number => Number(/^part-(\d+)\.parquet$/.exec(name)?.[1]);

/** Five digits, so that the order of the names is that of the rows. */
const partName = (number: number): string => `part-${String(number).padStart(5, '0')}.parquet`;
