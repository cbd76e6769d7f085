import { readFile } from 'node:fs/promises';
import type { FileFormatName } from '../../../config/model/job.ts';
import { NO_COUNTS } from '../../contract/counts.ts';
import type { RunRecord } from '../../contract/destination.ts';
import { InvalidDestination } from '../../contract/destination-error.ts';

/** What `run.json` holds; a manifest holds it too, with the files. */
export const FORMAT = 'tencent-chat-export/1';

/** @param worker the token of the lock under which the run is at work; null when nobody works on it */
export const recordText = (record: RunRecord, form: FileFormatName, worker: string | null = null): string =>
  `${JSON.stringify({ format: FORMAT, form, ...record, ...(worker === null ? {} : { worker }) }, null, 2)}\n`;

/** The run in a `run.json` or a `manifest.json`; null when there is no such file. */
export const readRecord = async (path: string): Promise<RunRecord | null> =>
  (await readStored(path))?.record ?? null;

/** The token of the lock under which the run in a `run.json` was last worked on; null when it was stopped since. */
export const readWorker = async (path: string): Promise<string | null> =>
  (await readStored(path))?.worker ?? null;

/** The form of the files of the run in a `run.json` or a `manifest.json`; null when there is no such file. */
export const readForm = async (path: string): Promise<FileFormatName | null> =>
  (await readStored(path))?.form ?? null;

async function readStored(path: string): Promise<{
  readonly record: RunRecord;
  readonly worker: string | undefined;
  readonly form: FileFormatName;
} | null> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return null;
    throw error;
  }
  try {
    // Older versions had one form, and no word for it.
    const {
      format,
      files,
      form = 'csv',
      worker,
      ...record
    } = JSON.parse(text) as RunRecord & {
      format?: unknown;
      form?: FileFormatName;
      files?: unknown;
      worker?: string;
    };
    if (format === FORMAT) {
      const list = { ...factsOf(record.list), ...record.list };
      const counts = { ...NO_COUNTS, ...record.counts };
      // Older versions knew of no pseudonyms, and left nothing out.
      const { mends = null, keyCheck = null, dropsFreeText = false } = record;
      return { record: { ...record, mends, keyCheck, dropsFreeText, list, counts }, worker, form };
    }
  } catch {
    // Not JSON: as unusable as another format.
  }
  throw new InvalidDestination(
    `${path} is not of this program (expected "format": "${FORMAT}"); choose a new or empty directory`,
  );
}

/** What an older version, which counted no other lines than those of users, says of its list. */
const factsOf = ({ users, duplicates }: RunRecord['list']): Partial<RunRecord['list']> => ({
  lines: users + duplicates,
  beyondLimit: 0,
  bad: 0,
  blank: 0,
  forgotten: 0,
});
