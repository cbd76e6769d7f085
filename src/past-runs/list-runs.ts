import type { DestinationRef } from '../config/read-destination-ref.ts';
import type { ArchivedRun, ArchivedWorker, RunFilter } from '../destinations/contract/run-archive.ts';
import { LATENCY_BOUNDS_MS, type Timeline } from '../destinations/contract/timeline.ts';
import { type ArchivePlace, type OpenedArchive, openArchive } from '../destinations/open/open-archive.ts';
import type { UnexportedUserRow } from '../rows/tables.ts';
import { RunRefused } from '../run/errors/run-errors.ts';

/** A run, and its present state. */
export type ListedRun = ArchivedRun & {
  /** The process at work on it, in words; null when there is none. */
  readonly holder: string | null;
  /** Of a shared run at work: the processes at work on it; else null. */
  readonly workersAtWork: number | null;
};

/** One run with all details. */
export type ShownRun = ListedRun & {
  readonly destination: string;
  /** The users who were not exported, streamed; those not in the app come last. */
  readonly unexported: AsyncIterable<UnexportedUserRow>;
  readonly timeline: RunTimeline;
  /** The processes that worked on a shared run, in order. */
  readonly workers: readonly ArchivedWorker[];
};

/** The timeline of a run. */
export type RunTimeline = {
  /** Empty when nothing was recorded. */
  readonly attempts: readonly Timeline[];
  /** Upper bounds of the latency classes of each bucket. */
  readonly latencyBoundsMs: readonly number[];
};

export const runTimeline = (attempts: readonly Timeline[]): RunTimeline => ({
  attempts,
  latencyBoundsMs: LATENCY_BOUNDS_MS,
});

/** The newest runs in a destination first, at most `most`. @throws as `openArchive` */
export async function listRuns(
  place: ArchivePlace,
  filter: RunFilter,
  most: number,
): Promise<{ readonly destination: string; readonly runs: readonly ListedRun[] }> {
  await using archive = await openArchive(place);
  const runs: ListedRun[] = [];
  for (const run of await archive.runs(filter, most))
    runs.push({ ...run, ...(await stateNow(archive, run)).now });
  return { destination: archive.name, runs };
}

/**
 * Passes one run to a function, while its destination is open: the newest of the place's app and job, or any by its number.
 * @throws {RunRefused} when there is no such run
 */
export async function showRun(
  place: ArchivePlace & Pick<DestinationRef, 'sdkAppId' | 'job'>,
  which: number | 'last',
  show: (run: ShownRun) => Promise<void>,
): Promise<void> {
  await using archive = await openArchive(place);
  const found = which === 'last' ? ((await archive.runs(place, 1))[0] ?? null) : await archive.find(which);
  if (found === null) {
    const what = which === 'last' ? 'no run' : `no run ${which}`;
    const whose = which === 'last' && place.job !== null ? ` of job ${place.job}` : '';
    throw new RunRefused(`${archive.name} holds ${what}${whose}; chat-export runs lists its runs`);
  }
  const { now, workers } = await stateNow(archive, found);
  await show({
    ...found,
    ...now,
    workers,
    destination: archive.name,
    unexported: archive.unexported(found),
    timeline: runTimeline(await archive.timelines(found)),
  });
}

/** Who is at work on a run now, and who was. */
async function stateNow(
  archive: OpenedArchive,
  run: ArchivedRun,
): Promise<{
  readonly now: Pick<ListedRun, 'holder' | 'workersAtWork'>;
  readonly workers: readonly ArchivedWorker[];
}> {
  const holder = await archive.atWork(run);
  const workers = await archive.workers(run);
  const atWork = workers.filter(({ isAtWork }) => isAtWork).length;
  const isShared = holder !== null && atWork > 0;
  return { now: { holder, workersAtWork: isShared ? atWork : null }, workers };
}
