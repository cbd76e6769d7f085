import type { RunIdentity } from '../destinations/destination.ts';
import type { Job } from '../job/job.ts';
import { ROW_FORMAT } from '../tables/tables.ts';
import { endpointOf } from './api-client.ts';
import type { UserNames } from './user-names.ts';

/** What a run of the job begins with, and must find again to go on. */
export const identityOf = (job: Job, { keyCheck }: Pick<UserNames, 'keyCheck'>): RunIdentity => ({
  job: job.name,
  sdkAppId: job.api.sdkAppId,
  endpoint: endpointOf(job),
  rowFormat: ROW_FORMAT,
  keyCheck,
  dropsFreeText: job.rows.dropFreeText,
});
