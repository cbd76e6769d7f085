import type { Job } from '../../config/model/job.ts';
import type { Destination, RunWriter } from '../../destinations/contract/destination.ts';
import { destinationKind } from '../../destinations/open/kinds.ts';
import { GuardTripped, RunRefused } from '../errors/run-errors.ts';
import { massPruning } from './guards/mass-deletion.ts';

/**
 * Users of another job would count as users outside the list.
 * @throws {RunRefused}
 */
export async function refuseToPruneOthers(destination: Destination, job: Job): Promise<void> {
  if (!job.rows.prune) return;
  const refusal = whyNotToPrune(job, await destination.otherJobs(job.name));
  if (refusal !== null) throw new RunRefused(`${refusal.message}; ${refusal.hint}`);
}

/** Why a job with --prune is refused when other jobs have exported its app, and a hint; null when there are none. */
export function whyNotToPrune(
  { api, destination: place }: Job,
  [other]: readonly string[],
): { readonly message: string; readonly hint: string } | null {
  if (other === undefined) return null;
  const { schema } = destinationKind(place).about(place);
  const runs = schema === null ? 'runs' : `"${schema.replaceAll('"', '""')}".runs`;
  const ofOther = `sdk_app_id = ${api.sdkAppId} and job = '${other.replaceAll("'", "''")}'`;
  return {
    message: `--prune: the job ${JSON.stringify(other)} has exported this app into this schema too, and its users would be removed`,
    hint: `leave --prune out, or, if that job is gone, delete its runs: delete from ${runs} where ${ofOther}`,
  };
}

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
