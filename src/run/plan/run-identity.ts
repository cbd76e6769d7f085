import type { Job } from '../../config/model/job.ts';
import type { RunIdentity } from '../../destinations/contract/destination.ts';
import { ROW_FORMAT } from '../../rows/tables.ts';
import { apiEndpoint } from '../calls/api-client.ts';
import type { IdCodec } from '../ids/id-codec.ts';

/** The properties of a run that must be the same when it is resumed. */
export const runIdentity = (job: Job, { keyFingerprint }: Pick<IdCodec, 'keyFingerprint'>): RunIdentity => ({
  job: job.name,
  sdkAppId: job.api.sdkAppId,
  endpoint: apiEndpoint(job),
  rowFormat: ROW_FORMAT,
  keyFingerprint,
  freeTextDropped: job.rows.dropFreeText,
});
