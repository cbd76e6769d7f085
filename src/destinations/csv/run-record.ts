import { readFile } from 'node:fs/promises';
import { NO_COUNTS } from '../counts.ts';
import type { RunRecord } from '../destination.ts';
import { DestinationUnusable } from '../destination-error.ts';

/** What `run.json` holds; a manifest holds it too, with the files. */
export const FORMAT = 'tencent-chat-export/1';

export const recordText = (record: RunRecord): string =>
  `${JSON.stringify({ format: FORMAT, ...record }, null, 2)}\n`;

/** The run in a `run.json` or a `manifest.json`; null when there is no such file. */
export async function readRecord(path: string): Promise<RunRecord | null> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return null;
    throw error;
  }
  try {
    const { format, files, ...record } = JSON.parse(text) as RunRecord & {
      format?: unknown;
      files?: unknown;
    };
    if (format === FORMAT) {
      return {
        ...record,
        list: { ...factsOf(record.list), ...record.list },
        counts: { ...NO_COUNTS, ...record.counts },
      };
    }
  } catch {
    // Not JSON: as unusable as another format.
  }
  throw new DestinationUnusable(
    `${path} is not of this program (expected "format": "${FORMAT}"); choose a new or empty directory`,
  );
}

/** What an older version, which counted no other lines than those of users, says of its list. */
const factsOf = ({ users, duplicates }: RunRecord['list']): Partial<RunRecord['list']> => ({
  lines: users + duplicates,
  beyondLimit: 0,
  bad: 0,
  blank: 0,
});
