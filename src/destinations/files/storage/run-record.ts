import { camelKeys, snakeKeys } from '../../../json/key-case.ts';
import { NO_COUNTS } from '../../contract/counts.ts';
import type { RunRecord } from '../../contract/destination.ts';
import { InvalidDestination } from '../../contract/destination-error.ts';
import { readIfThere } from '../../read-if-there.ts';
import type { FileFormatName } from '../formats/format-name.ts';

/** The content of `run.json`. A manifest holds it, too, with the files. */
export const FORMAT = 'tencent-chat-export/2';

/** @param worker the token of the lock of the attempt at work; null when there is none */
export const recordText = (record: RunRecord, format: FileFormatName, worker: string | null = null): string =>
  `${JSON.stringify({ ...recordJson(record, format), ...(worker === null ? {} : { worker }) }, null, 2)}\n`;

/** The stored form of a run, with the version of the format. Keys are in snake_case. */
export const recordJson = (record: RunRecord, format: FileFormatName): Record<string, unknown> => ({
  format: FORMAT,
  file_format: format,
  ...snakeKeys(record),
  list: snakeKeys(record.list),
  counts: snakeKeys(record.counts),
});

/** A file's entry in a manifest. */
export type FileFacts = { readonly rows: number; readonly bytes: number; readonly sha256: string };

/** The content of a `run.json` or a `manifest.json`. */
export type StoredRun = {
  readonly record: RunRecord;
  readonly format: FileFormatName;
  /** The token of the last attempt's lock; null in a manifest, and after a clean stop. */
  readonly worker: string | null;
  /** The run's files by their names, in a manifest. */
  readonly files: Readonly<Record<string, FileFacts>>;
};

/** The run in a `run.json` or a `manifest.json`; null when the file is missing. */
export const readRecord = async (path: string): Promise<RunRecord | null> =>
  (await readStoredRun(path))?.record ?? null;

/**
 * The whole content of a `run.json` or a `manifest.json`; null when the file is missing.
 * @throws {InvalidDestination} for a file of another kind
 */
export async function readStoredRun(path: string): Promise<StoredRun | null> {
  const text = await readIfThere(path);
  if (text === null) return null;
  try {
    const {
      format: recordFormat,
      file_format: format,
      worker = null,
      files = {},
      list,
      counts,
      ...rest
    } = JSON.parse(text);
    if (recordFormat === FORMAT) {
      const record = {
        ...camelKeys(rest),
        list: camelKeys(list),
        counts: { ...NO_COUNTS, ...camelKeys(counts) },
      };
      return { record: record as RunRecord, format, worker, files };
    }
  } catch {
    // Not JSON: handled like another format.
  }
  throw new InvalidDestination(
    `${path} is not of this program (expected "format": "${FORMAT}"); choose a new or empty directory`,
  );
}
