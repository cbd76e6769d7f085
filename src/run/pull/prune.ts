import type { Job } from '../../config/model/job.ts';
import type { RunWriter } from '../../destinations/contract/destination.ts';
import { GuardTripped } from '../errors/run-errors.ts';
import { massPruning } from './guards/mass-deletion.ts';

/**
 * Whether to remove the rows of users outside the plan, once the plan is processed.
 * @throws {GuardTripped} when they are suspiciously many
 */
export async function mayPrune(
  { record, earlier }: RunWriter,
  { rows, guards }: Job,
  onNotice: (message: string) => void,
): Promise<boolean> {
  if (!rows.prune || earlier === null) return false;
  const { list, retryOfRun } = record;
  // The users of invalid lines, and those beyond --limit, are unknown: they may have rows.
  const unknown =
    retryOfRun !== null
      ? `the run only retries the failed users of run ${retryOfRun}`
      : list.beyondLimit > 0
        ? `the run was planned with --limit`
        : list.bad > 0
          ? `${list.bad} invalid lines of the list were skipped`
          : null;
  if (unknown !== null) {
    onNotice(`--prune: no user was removed, because ${unknown}`);
    return false;
  }
  const { outside, before } = await earlier.usersNotInPlan();
  if (outside.users === 0) return false;
  const wrong = guards.allowMassDeletion ? null : massPruning(outside, before, guards);
  if (wrong === null) return true;
  throw new GuardTripped(
    `--prune: ${wrong}; none of them was removed. If the list is right, start again with --allow-mass-deletion`,
  );
}
