import { rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline, Readable } from 'node:stream';
import { promisify } from 'node:util';
import { constants, createGunzip, gzip, gzipSync } from 'node:zlib';
import type { FileFormName } from '../../job/job.ts';
import type { Table } from '../../tables/table.ts';
import { exists } from '../exists.ts';
import { csvHeader } from './csv-text.ts';
import { readContent } from './file-content.ts';
import type { FileForm } from './form.ts';
import { rowsIn } from './row-file.ts';

/** How the lines of CSV files are packed. */
type Packing = Pick<FileForm, 'header' | 'pack' | 'unpack'>;

const plain: Packing = {
  header: (table) => Buffer.from(csvHeader(table)),
  pack: (lines) => Promise.resolve(lines),
  unpack: (pieces) => pieces,
};

const gzipInPool = promisify(gzip);

/** A member of gzip's for the header, and one for the lines of each chunk: their sequence is a gzip file wherever it ends. */
const gzipped: Packing = {
  // Stored rather than compressed, it has the same length whatever version of zlib wrote it.
  header: (table) => gzipSync(csvHeader(table), { level: constants.Z_NO_COMPRESSION }),
  pack: async (lines) => (lines.length === 0 ? [] : [await gzipInPool(Buffer.concat(lines))]),
  unpack: (pieces) => pipeline(Readable.from(pieces), createGunzip(), () => {}),
};

/** A run's own files are handed over as they are. */
function form(name: FileFormName & `csv${string}`, packing: Packing, others: readonly string[]): FileForm {
  const entry = (table: Table): string => `${table.name}.${name}`;
  return {
    name,
    scheme: 'csv',
    entry,
    ...packing,
    require: () => {},
    make: () => Promise.resolve(),
    made: (run, table, rows) => Promise.resolve([{ name: entry(table), path: run.rows(table), rows }]),
    async place({ directory, run }, table) {
      // One that is not there was put in place before a kill.
      if (!(await exists(run.rows(table)))) return;
      // Nobody is to read a former run's beside it.
      for (const other of others) await rm(join(directory, `${table.name}.${other}`), { force: true });
      await rename(run.rows(table), join(directory, entry(table)));
    },
    namesOf: (table) => [entry(table)],
    records: ({ directory }, table) => rowsIn(join(directory, entry(table)), packing),
    content: ({ directory }, table) => readContent(join(directory, entry(table)), table, packing),
  };
}

export const csvForm = form('csv', plain, ['csv.gz']);
export const gzippedCsvForm = form('csv.gz', gzipped, ['csv']);
