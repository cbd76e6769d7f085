import type { Job } from '../../config/model/job.ts';
import type { Destination } from '../../destinations/contract/destination.ts';
import { destinationKind } from '../../destinations/open/kinds.ts';
import { RunRefused } from '../errors/run-errors.ts';

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
