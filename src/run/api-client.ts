import { ChatApiClient } from '../chat-api/client.ts';
import { Credentials } from '../chat-api/credentials.ts';
import { regionEndpoint } from '../chat-api/regions.ts';
import type { Job } from '../job/job.ts';
import { RunRefused } from './run-refused.ts';

/** The origin that the job's calls go to. */
export function endpointOf(job: Job): string {
  const { endpoint, region } = job.api;
  if (endpoint !== null) return endpoint;
  if (region !== null) return regionEndpoint(region);
  throw new RunRefused('--region or --endpoint is needed');
}

/** A client for the job's app. */
export function clientOf(job: Job): ChatApiClient {
  const { sdkAppId, identifier, credentials } = job.api;
  const { ca, proxy } = job.network;
  return new ChatApiClient({
    endpoint: endpointOf(job),
    sdkAppId,
    identifier,
    credentials: new Credentials(credentials, { sdkAppId, identifier }),
    timeoutMs: job.pull.timeoutMs,
    connections: job.pull.concurrency,
    ca,
    proxy,
  });
}
