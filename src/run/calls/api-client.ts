import { type CallObserver, ChatApiClient } from '../../chat-api/client.ts';
import type { ProxyOptions } from '../../chat-api/connections.ts';
import { Credentials } from '../../chat-api/credentials.ts';
import { bypassesProxy } from '../../chat-api/proxy/proxy-bypass.ts';
import { regionEndpoint, regions } from '../../chat-api/regions.ts';
import type { PullJob } from '../../config/model/job.ts';
import { RunRefused } from '../errors/run-errors.ts';

/** The origin that the job's calls go to. */
export function apiEndpoint(job: Pick<PullJob, 'api'>): string {
  const { endpoint, region } = job.api;
  if (endpoint !== null) return endpoint;
  if (region !== null) return regionEndpoint(region);
  throw new RunRefused('--region or --endpoint is needed');
}

/** The proxy for the job's calls, if any. @throws {RunRefused} when one is needed and its variable names none */
export function proxyOptions(job: Pick<PullJob, 'api' | 'network'>): ProxyOptions | null {
  const { proxy } = job.network;
  if (proxy === null || proxy.problem === null) return proxy;
  if (bypassesProxy(new URL(apiEndpoint(job)), proxy.noProxy)) return null;
  throw new RunRefused(proxy.problem);
}

/**
 * A client for the job's app.
 * @param onNotice called with messages for the operator
 * @param meter called for each call
 * @throws {RunRefused} as `proxyOptions` does
 */
export function apiClient(
  job: Pick<PullJob, 'api' | 'network' | 'pull'>,
  onNotice: (message: string) => void = () => {},
  meter?: CallObserver,
): ChatApiClient {
  const { sdkAppId, identifier, credentials } = job.api;
  return new ChatApiClient({
    endpoint: apiEndpoint(job),
    sdkAppId,
    identifier,
    credentials: new Credentials(credentials, { sdkAppId, identifier }),
    timeoutMs: job.pull.timeoutMs,
    connections: job.pull.concurrency,
    ca: job.network.ca,
    proxy: proxyOptions(job),
    nameAdvice: nameAdvice(job),
    onClockFault: onNotice,
    meter,
  });
}

/** The vendor names a second host in case the first one's name is hijacked. A person decides whether to trust it. */
function nameAdvice({ api: { region } }: Pick<PullJob, 'api'>): string | null {
  if (region === null) return null;
  const { backupHost } = regions[region];
  return `check this machine's DNS first; if DNS cannot be fixed, use the vendor's back-up host of this region: --endpoint https://${backupHost} instead of --region ${region}`;
}
