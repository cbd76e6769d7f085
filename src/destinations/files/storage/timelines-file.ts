import type { Timeline } from '../../contract/timeline.ts';
import { timelineFrom, timelineJson } from '../../contract/timeline.ts';
import { readIfThere } from '../../read-if-there.ts';
import { replaceDurably } from './durable-file.ts';

/** The content of `timelines.json`: the timelines of a run's attempts, in order. */
type TimelinesFile = {
  readonly run_id: number;
  readonly attempts: readonly { readonly attempt: number; readonly timeline: object }[];
};

/** Replaces the stored timeline of an attempt. @param check as in `replaceDurably` */
export async function writeTimeline(
  path: string,
  {
    runId,
    attempt,
    timeline,
  }: { readonly runId: number; readonly attempt: number; readonly timeline: Timeline },
  check: () => Promise<void>,
): Promise<void> {
  const others = (await readAttempts(path, runId)).filter((other) => other.attempt !== attempt);
  const attempts = [...others, { attempt, timeline: timelineJson(timeline) }];
  const file: TimelinesFile = { run_id: runId, attempts };
  await replaceDurably(path, `${JSON.stringify(file)}\n`, check);
}

/** The timelines of a run's attempts; none when the file is missing, or belongs to another run. */
export const readTimelines = async (path: string, runId: number): Promise<Timeline[]> =>
  (await readAttempts(path, runId)).map(({ timeline }) => timelineFrom(timeline));

async function readAttempts(path: string, runId: number): Promise<TimelinesFile['attempts']> {
  const text = await readIfThere(path);
  const file = text === null ? null : parse(text);
  return file?.run_id === runId ? file.attempts : [];
}

/** Null for damaged content: a damaged timeline does not end a run. */
function parse(text: string): TimelinesFile | null {
  try {
    return JSON.parse(text) as TimelinesFile;
  } catch {
    return null;
  }
}
