import type { Layout } from '../storage/layout.ts';
import { readStoredRun } from '../storage/run-record.ts';
import { csvForm, gzippedCsvForm } from './csv-format.ts';
import type { FileFormat } from './format.ts';
import type { FileFormatName } from './format-name.ts';

/** A format by its name. Only what Parquet needs is loaded late: the other formats do not need it. */
export async function formNamed(name: FileFormatName): Promise<FileFormat> {
  switch (name) {
    case 'csv':
      return csvForm;
    case 'csv.gz':
      return gzippedCsvForm;
    case 'parquet':
      return (await import('./parquet/parquet-format.ts')).parquetForm;
  }
}

/** The format of the run at work in a directory; null when there is none. */
export const formAtWork = ({ run }: Layout): Promise<FileFormat | null> => formIn(run.record);

/** The format of the published files in a directory; null when nothing is published, or publication is under way. */
export const publishedForm = ({ manifest }: Layout): Promise<FileFormat | null> => formIn(manifest);

async function formIn(path: string): Promise<FileFormat | null> {
  const stored = await readStoredRun(path);
  return stored === null ? null : await formNamed(stored.form);
}
