import { readFile } from 'node:fs/promises';
import type { FileFormatName } from '../../../config/model/job.ts';
import { camelKeys, snakeKeys } from '../../../json/key-case.ts';
import { NO_COUNTS } from '../../contract/counts.ts';
import type { RunRecord } from '../../contract/destination.ts';
import { InvalidDestination } from '../../contract/destination-error.ts';

/** What `run.json` holds; a manifest holds it too, with the files. */
export const FORMAT = 'tencent-chat-export/2';

/** @param worker the token of the lock under which the run is at work; null when nobody works on it */
export const recordText = (record: RunRecord, form: FileFormatName, worker: string | null = null): string =>
  `${JSON.stringify({ ...recordJson(record, form), ...(worker === null ? {} : { worker }) }, null, 2)}\n`;

/** A run as its files hold it, with the version of that form: keys in snake_case. */
export const recordJson = (record: RunRecord, form: FileFormatName): Record<string, unknown> => ({
  format: FORMAT,
  file_format: form,
  ...snakeKeys(record),
  list: snakeKeys(record.list),
  counts: snakeKeys(record.counts),
});

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
    const { format, files: _, file_format: form, worker, list, counts, ...rest } = JSON.parse(text);
    if (format === FORMAT) {
      const record = {
        ...camelKeys(rest),
        list: camelKeys(list),
        counts: { ...NO_COUNTS, ...camelKeys(counts) },
      };
      return { record: record as RunRecord, worker, form };
    }
  } catch {
    // Not JSON: as unusable as another format.
  }
  throw new InvalidDestination(
    `${path} is not of this program (expected "format": "${FORMAT}"); choose a new or empty directory`,
  );
}
