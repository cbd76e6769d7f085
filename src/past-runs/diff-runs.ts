import type { RunRecord } from '../destinations/contract/destination.ts';
import type { UserChanges } from '../destinations/contract/run-archive.ts';
import { type ArchivePlace, openArchive } from '../destinations/open/open-archive.ts';
import { RunRefused } from '../run/errors/run-errors.ts';

export type { UserChanges };

/** The differences between two runs. */
export type RunDiff = {
  readonly destination: string;
  readonly record: RunRecord;
  /** The number of the earlier run. The rows are compared with those at the end of this run and all before it. */
  readonly since: number;
  /** Users whose rows differ, in the order of their IDs, streamed. */
  readonly users: AsyncIterable<UserChanges>;
};

/**
 * Passes the changes between two runs to a function, while their destination is open.
 * @param since the earlier run; undefined: the changes of the later run alone
 * @throws {RunRefused} when there is no such run, or they are in the wrong order
 * @throws {InvalidDestination} when no history has the earlier rows
 */
export async function diffRuns(
  place: ArchivePlace,
  { runId, since = runId - 1 }: { readonly runId: number; readonly since?: number | undefined },
  show: (diff: RunDiff) => Promise<void>,
): Promise<void> {
  if (since >= runId) {
    throw new RunRefused(`run ${since} is not earlier than run ${runId}: name the later run first`);
  }
  await using archive = await openArchive(place);
  const found = await archive.find(runId);
  if (found === null) {
    throw new RunRefused(`${archive.name} holds no run ${runId}; chat-export runs lists its runs`);
  }
  const users = archive.changes(found, since);
  await show({ destination: archive.name, record: found.record, since, users });
}
