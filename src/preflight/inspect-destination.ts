import type { Job } from '../config/model/job.ts';
import type { Inspection } from '../destinations/contract/inspection.ts';
import type { Waiting } from '../destinations/contract/waiting.ts';
import { destinationKind } from '../destinations/open/kinds.ts';

/** Inspects the job's destination, without its lock and without writing anything. */
export async function inspectDestination(
  { destination, api, name, run, network }: Job,
  waiting: Waiting,
): Promise<Inspection> {
  return await destinationKind(destination).inspect(destination, {
    sdkAppId: api.sdkAppId,
    job: name,
    runId: run.resume,
    migrate: run.migrate,
    share: run.share,
    caFile: network.caFile,
    waiting,
  });
}
