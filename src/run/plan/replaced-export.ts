import type { Job } from '../../config/model/job.ts';
import type { Destination, RunRecord } from '../../destinations/contract/destination.ts';
import { RunRefused } from '../errors/run-errors.ts';

/**
 * A directory holds one export: another job's export would be lost.
 * @throws {RunRefused} unless `--fresh` asks for it
 */
export async function refuseToReplace(destination: Destination, job: Job): Promise<void> {
  const refusal = whyNotToReplace(job, await destination.replaced(job.name));
  if (refusal !== null) throw new RunRefused(`${destination.name}: ${refusal.message}; ${refusal.hint}`);
}

/** Why a job is refused when its run would replace another job's export, and a hint; null when it would not. */
export function whyNotToReplace(
  { name, run }: Job,
  replaced: RunRecord | null,
): { readonly message: string; readonly hint: string } | null {
  if (replaced === null || run.fresh) return null;
  const { runId, job, finishedAt, counts } = replaced;
  const [its, mine] = [job, name].map((one) => JSON.stringify(one));
  return {
    message: `the export of another job is there (run ${runId} of the job ${its}, finished ${finishedAt}, ${counts.exported} users), and a run of the job ${mine} would replace it`,
    hint: `choose another directory, give the job its name (--name ${job}), or use --fresh to replace it`,
  };
}
