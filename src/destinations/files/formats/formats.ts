import type { Layout } from '../storage/layout.ts';
import { readStoredRun } from '../storage/run-record.ts';
import { csvFormat, gzippedCsvFormat } from './csv-format.ts';
import type { FileFormat } from './format.ts';
import type { FileFormatName } from './format-name.ts';

/** A format by its name. Only what Parquet needs is loaded late: the other formats do not need it. */
export async function formatNamed(name: FileFormatName): Promise<FileFormat> {
  switch (name) {
    case 'csv':
      return csvFormat;
    case 'csv.gz':
      return gzippedCsvFormat;
    case 'parquet':
      return (await import('./parquet/parquet-format.ts')).parquetFormat;
  }
}

/** The format of the run at work in a directory; null when there is none. */
export const formatAtWork = ({ run }: Layout): Promise<FileFormat | null> => formatIn(run.record);

/** The format of the published files in a directory; null when nothing is published, or publication is under way. */
export const publishedFormat = ({ manifest }: Layout): Promise<FileFormat | null> => formatIn(manifest);

async function formatIn(path: string): Promise<FileFormat | null> {
  const stored = await readStoredRun(path);
  return stored === null ? null : await formatNamed(stored.format);
}
