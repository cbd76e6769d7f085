import type { RunRecord } from '../destinations/contract/destination.ts';
import type { UserChanges } from '../destinations/contract/user-changes.ts';
import { type ArchivePlace, openArchive } from '../destinations/open/open-archive.ts';
import { RunRefused } from '../run/errors/run-errors.ts';

export type { UserChanges };

/** What is otherwise as of a run than as of an earlier one. */
export type RunDiff = {
  readonly destination: string;
  readonly record: RunRecord;
  /** The number of the earlier run: the rows are compared as they were when it, and all before it, had ended. */
  readonly since: number;
  /** Users whose rows are others, in the order of their IDs, read as they are asked for. */
  readonly users: AsyncIterable<UserChanges>;
};

/**
 * Has the changes between two runs shown, as long as their destination is open.
 * @param since the earlier run; undefined: what the later run itself changed
 * @throws {RunRefused} when there is no such run, or they are in the wrong order
 * @throws {InvalidDestination} when no history says what the rows were
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
