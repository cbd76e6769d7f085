import { rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Table } from '../../../rows/table.ts';
import { allTables } from '../../../rows/tables.ts';
import { exists } from '../../exists.ts';
import { csvHeader } from './csv-text.ts';
import { readContent } from './file-content.ts';
import type { FileFormat } from './format.ts';
import type { FileFormatName } from './format-name.ts';
import { endMember, memberPiece, memberStart, openMember, wholeMember } from './gzip-member.ts';
import { rowsIn } from './row-file.ts';

/** How the lines of CSV files are compressed. */
type Packing = Pick<FileFormat, 'header' | 'pack' | 'unpack'> & {
  /** Converts a run's own file, durably, into a file for readers. */
  readonly end: (path: string) => Promise<void>;
  /** The lines of a file for readers. */
  readonly unpackWhole: FileFormat['unpack'];
};

const plain: Packing = {
  header: (table) => Buffer.from(csvHeader(table)),
  pack: (lines) => Promise.resolve(lines),
  unpack: (pieces) => pieces,
  end: () => Promise.resolve(),
  unpackWhole: (pieces) => pieces,
};

const gzipped: Packing = {
  header: (table) => memberStart(csvHeader(table)),
  pack: async (lines) => (lines.length === 0 ? [] : [await memberPiece(Buffer.concat(lines))]),
  unpack: openMember,
  end: endMember,
  unpackWhole: wholeMember,
};

/** A run's own files become the published files, once they are complete. */
function format(
  name: FileFormatName & `csv${string}`,
  { end, unpackWhole, ...packing }: Packing,
  others: readonly string[],
): FileFormat {
  const forReaders = { unpack: unpackWhole };
  const entry = (table: Table): string => `${table.name}.${name}`;
  return {
    name,
    scheme: 'csv',
    entry,
    ...packing,
    require: () => {},
    async make(run, _rows, check) {
      for (const table of allTables) {
        await check();
        await end(run.rows(table));
      }
    },
    made: (run, table, rows) => Promise.resolve([{ name: entry(table), path: run.rows(table), rows }]),
    async place({ directory, run }, table) {
      // A missing file was put in place before a kill.
      if (!(await exists(run.rows(table)))) return;
      // Readers must not find the file of an earlier run beside this run's files.
      for (const other of others) await rm(join(directory, `${table.name}.${other}`), { force: true });
      await rename(run.rows(table), join(directory, entry(table)));
    },
    namesOf: (table) => [entry(table)],
    records: ({ directory }, table) => rowsIn(join(directory, entry(table)), forReaders),
    content: ({ directory }, table) => readContent(join(directory, entry(table)), table, forReaders),
  };
}

export const csvFormat = format('csv', plain, ['csv.gz']);
export const gzippedCsvFormat = format('csv.gz', gzipped, ['csv']);
