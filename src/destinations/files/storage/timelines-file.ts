import type { Timeline } from '../../contract/timeline.ts';
import { timelineFrom, timelineJson } from '../../contract/timeline-json.ts';
import { replaceDurably } from './durable-file.ts';
import { readIfThere } from './read-if-there.ts';

/** The content of `timelines.json`: what each attempt of a run saw that kept it, in order. */
type TimelinesFile = {
  readonly run_id: number;
  readonly attempts: readonly { readonly attempt: number; readonly timeline: object }[];
};

/** Writes what an attempt of a run has seen so far, in place of what was written of it before. @param check as `replaceDurably` has it */
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

/** What the attempts of a run saw; none where the file is not there, or is another run's. */
export const readTimelines = async (path: string, runId: number): Promise<Timeline[]> =>
  (await readAttempts(path, runId)).map(({ timeline }) => timelineFrom(timeline));

async function readAttempts(path: string, runId: number): Promise<TimelinesFile['attempts']> {
  const text = await readIfThere(path);
  const file = text === null ? null : parse(text);
  return file?.run_id === runId ? file.attempts : [];
}

/** Null for what a disk made of it: a damaged timeline does not end a run. */
function parse(text: string): TimelinesFile | null {
  try {
    return JSON.parse(text) as TimelinesFile;
  } catch {
    return null;
  }
}
