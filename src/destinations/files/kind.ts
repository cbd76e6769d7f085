import { resolve } from 'node:path';
import type { DestinationKind, PlaceFacts } from '../contract/kind.ts';
import { typedDirectory } from '../typed-directory.ts';
import type { FileFormatName } from './formats/format-name.ts';

type FilesTyped = { readonly kind: 'files'; readonly scheme: 'csv' | 'parquet'; readonly dir: string };
type FilesPlace = { readonly kind: 'files'; readonly format: FileFormatName; readonly dir: string };

const question = { text: 'The directory: new, empty, or with an earlier export', initial: 'export' };

// As `check` measures an export of `simulate --users 3000 --conversations 49`, rows of all tables included: 150 as CSV, 25
// compressed by gzip, 23 as Parquet. Each figure here is a little higher.
const KEPT: Readonly<Record<FileFormatName, number>> = { csv: 155, 'csv.gz': 27, parquet: 25 };
// Parquet files are made when the run has finished, from rows that lie beside them as CSV until then.
const WHILE_AT_WORK: Readonly<Record<FileFormatName, number>> = { csv: 0, 'csv.gz': 0, parquet: KEPT.csv };

/** Files in a directory: a snapshot of one run. */
export const filesKind: DestinationKind<FilesTyped, FilesPlace> = {
  name: 'files',
  forms: [
    { schemes: ['csv'], shown: 'csv:DIR', rest: 'path', offer: { label: 'into CSV files', question } },
    {
      schemes: ['parquet'],
      shown: 'parquet:DIR',
      rest: 'path',
      offer: { label: 'into Parquet files', question },
    },
  ],
  keepsEarlierRows: false,
  elsewhere: 'another directory',
  startsServer: false,
  // The files of an unfinished run cannot be changed under its ledger: it is abandoned, and its record goes with it.
  erasureRemovesRuns: true,

  parse({ scheme: typed, rest }) {
    const scheme = typed === 'parquet' ? 'parquet' : 'csv';
    return { kind: 'files', scheme, dir: typedDirectory(scheme, rest) };
  },
  aboutTyped({ scheme, dir }) {
    const format = `${scheme}:DIR`;
    const elsewhere =
      scheme === 'csv'
        ? 'export them elsewhere with --users DIR/unexported_users.csv --to csv:ANOTHER, or '
        : '';
    return {
      shown: `${scheme}:${dir}`,
      scheme,
      hasPassword: false,
      ignored: {
        schema: `${format} has no schema`,
        prune: `${format} holds only the users of its last run`,
        ...(scheme === 'parquet' ? { compress: 'Parquet files are always compressed, by zstd' } : {}),
      },
      refused: {
        history: `${format} holds the rows of one run; choose a database, or leave it out`,
        share: `${format} is written by one process; share a run in a PostgreSQL that all machines reach`,
        'retry-failed':
          `${format} holds the snapshot of one run, and the failed users alone would take its place; ` +
          `${elsewhere}run the whole list again`,
      },
    };
  },
  resolve({ scheme, dir }, { compress }, base) {
    const csv = compress === 'gzip' ? 'csv.gz' : 'csv';
    return { kind: 'files', format: scheme === 'csv' ? csv : 'parquet', dir: resolve(base, dir) };
  },
  about: ({ format, dir }): PlaceFacts => ({
    name: `${format === 'parquet' ? 'parquet' : 'csv'}:${dir}`,
    label: format,
    schema: null,
    ownDirectory: dir,
    assumedBytes: { kept: KEPT[format], whileAtWork: WHILE_AT_WORK[format] },
  }),

  async open({ dir, format }, { sdkAppId, ...settings }) {
    const { FileDestination } = await import('./file-destination.ts');
    return await FileDestination.open(dir, sdkAppId, format, settings);
  },
  // The files themselves show their format.
  async openArchive({ dir }) {
    const { FileArchive } = await import('./read/file-archive.ts');
    return await FileArchive.open(dir);
  },
  async inspect({ dir, format }, settings) {
    const { inspectDirectory } = await import('./read/inspect-directory.ts');
    return await inspectDirectory(dir, format, settings);
  },
  database: null,
};
