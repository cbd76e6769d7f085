import { readFile } from 'node:fs/promises';
import type { Timeline } from '../../contract/timeline.ts';
import { replaceDurably } from './durable-file.ts';

/** The content of `timelines.json`: what each start of a run saw that kept it, in order. */
type TimelinesFile = {
  readonly runId: number;
  readonly starts: readonly { readonly start: number; readonly timeline: Timeline }[];
};

/** Writes what a start of a run has seen so far, in place of what was written of it before. @param check as `replaceDurably` has it */
export async function writeTimeline(
  path: string,
  { runId, start, timeline }: { readonly runId: number; readonly start: number; readonly timeline: Timeline },
  check: () => Promise<void>,
): Promise<void> {
  const others = (await readStarts(path, runId)).filter((other) => other.start !== start);
  const file: TimelinesFile = { runId, starts: [...others, { start, timeline }] };
  await replaceDurably(path, `${JSON.stringify(file)}\n`, check);
}

/** What the starts of a run saw; none where the file is not there, or is another run's. */
export const readTimelines = async (path: string, runId: number): Promise<Timeline[]> =>
  (await readStarts(path, runId)).map(({ timeline }) => timeline);

async function readStarts(path: string, runId: number): Promise<TimelinesFile['starts']> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return [];
    throw error;
  }
  const file = parse(text);
  return file?.runId === runId ? file.starts : [];
}

/** Null for what a disk made of it: a run is not to end because of what only tells of it. */
function parse(text: string): TimelinesFile | null {
  try {
    return JSON.parse(text) as TimelinesFile;
  } catch {
    return null;
  }
}
