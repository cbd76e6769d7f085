import type { FileFormName } from '../../../config/model/job.ts';
import type { Layout } from '../storage/layout.ts';
import { readForm } from '../storage/run-record.ts';
import { csvForm, gzippedCsvForm } from './csv-form.ts';
import type { FileForm } from './form.ts';

/** A form by its name. Only what Parquet needs is loaded late: it is of no use to others. */
export async function formNamed(name: FileFormName): Promise<FileForm> {
  switch (name) {
    case 'csv':
      return csvForm;
    case 'csv.gz':
      return gzippedCsvForm;
    case 'parquet':
      return (await import('./parquet/parquet-form.ts')).parquetForm;
  }
}

/** The form of the run at work in a directory; null when there is none. */
export const formAtWork = ({ run }: Layout): Promise<FileForm | null> => formIn(run.record);

/** The form of the files that readers see in a directory; null when nothing is published, or something is just being. */
export const publishedForm = ({ manifest }: Layout): Promise<FileForm | null> => formIn(manifest);

async function formIn(path: string): Promise<FileForm | null> {
  const name = await readForm(path);
  return name === null ? null : await formNamed(name);
}
