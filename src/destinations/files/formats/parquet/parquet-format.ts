import { mkdir, rename, rm } from 'node:fs/promises';
import { basename, join } from 'node:path';
import type { Table } from '../../../../rows/table.ts';
import { allTables } from '../../../../rows/tables.ts';
import { reachCrashPoint } from '../../../contract/crash-points.ts';
import { InvalidDestination } from '../../../contract/destination-error.ts';
import { exists } from '../../../exists.ts';
import { DIRECTORY_MODE, syncDirectory } from '../../storage/durable-file.ts';
import type { RunLayout } from '../../storage/layout.ts';
import { csvFormat } from '../csv-format.ts';
import type { FileFormat } from '../format.ts';
import { DuckDb, requireDuckDb } from './duckdb.ts';
import { partContent, partRows, partsIn, rowsOfParts } from './read-parts.ts';
import { hasNoPattern } from './sql-text.ts';
import { writeParts } from './write-parts.ts';

/**
 * Parquet: a directory of part files for each table, which DuckDB, Spark, pandas and others read as one table. A run's own files
 * are plain CSV. DuckDB converts them when the run has finished.
 */
export const parquetFormat: FileFormat = {
  name: 'parquet',
  scheme: 'parquet',
  entry: ({ name }) => name,

  header: csvFormat.header,
  pack: csvFormat.pack,
  unpack: csvFormat.unpack,

  require(directory) {
    requireDuckDb();
    if (hasNoPattern(directory)) {
      throw new InvalidDestination(
        `DuckDB, which reads and writes Parquet files, cannot name files below ${directory}: expected a path without a backslash ` +
          'beside *, ? or [; choose another directory',
      );
    }
  },
  make,
  async made({ made }, table) {
    const parts = await partsIn(join(made, table.name));
    using duckDb = await DuckDb.open(null);
    const rows = await rowsOfParts(duckDb, parts);
    return parts.map((path, i) => ({ name: `${table.name}/${basename(path)}`, path, rows: rows[i] ?? 0 }));
  },
  async place({ directory, run }, table) {
    const made = join(run.made, table.name);
    const target = join(directory, table.name);
    if (await exists(made)) {
      if (await exists(target)) {
        await mkdir(run.replaced, { recursive: true, mode: DIRECTORY_MODE });
        await rename(target, join(run.replaced, table.name));
      }
      await rename(made, target);
    }
    // As with CSV: missing files mean that publication has begun.
    await rm(run.rows(table), { force: true });
  },

  namesOf: ({ name }, names) => names.filter((file) => file.startsWith(`${name}/`)),
  records: ({ directory }, table) => partRows(join(directory, table.name), table),
  content: ({ directory }, table) => partContent(join(directory, table.name), table),
};

/** A table among the made ones is complete. */
async function make(
  run: RunLayout,
  rows: (table: Table) => number,
  check: () => Promise<void>,
): Promise<void> {
  await mkdir(run.made, { recursive: true, mode: DIRECTORY_MODE });
  await rm(run.making, { recursive: true, force: true });
  await mkdir(run.making, { mode: DIRECTORY_MODE });
  using duckDb = await DuckDb.open(join(run.making, 'temporary'));
  for (const table of allTables) {
    const made = join(run.made, table.name);
    if (await exists(made)) continue;
    const making = join(run.making, table.name);
    await writeParts(duckDb, table, { path: run.rows(table), rows: rows(table) }, making);
    await check();
    await rename(making, made);
    await syncDirectory(run.made);
    reachCrashPoint('table-made');
  }
}
