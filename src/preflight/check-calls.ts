import { setMaxListeners } from 'node:events';
import type { Job } from '../config/model/job.ts';
import type { CheckResult } from '../destinations/contract/inspection.ts';
import { SuppressedUsers } from '../destinations/contract/suppressed-users.ts';
import { ApiCaller } from '../run/calls/api-caller.ts';
import { apiClient } from '../run/calls/api-client.ts';
import type { IdCodec } from '../run/ids/id-codec.ts';
import { pullUserSettings } from '../run/pull/pull-user.ts';
import { checkApi } from './check-api.ts';
import { checkSample } from './check-sample.ts';
import { clockFinding } from './clock.ts';
import type { Experience } from './cost.ts';

// Enough to notice the list of another app, and few enough for the quota.
const CONCURRENCY = 4;
const MAX_OUTAGE_MS = 20_000;
// A user who needs more attempts counts as failed here; the run will try longer.
const MAX_ATTEMPTS = 3;

/** The findings of a few calls; `experience` is null when no user was pulled. */
export type CallsCheck = {
  readonly findings: readonly CheckResult[];
  readonly experience: Experience | null;
};

/** While a run is at work, no calls are made: the run uses the whole quota. */
export const NOT_CALLED: CallsCheck = {
  findings: [
    {
      subject: 'api',
      state: 'unknown',
      message:
        'no call made: the run at work needs the quota; settings and users of the list are not checked',
      hint: 'check again when that run has ended',
    },
  ],
  experience: null,
};

const isAnswered = (findings: readonly CheckResult[]): boolean =>
  findings.some(({ subject, state }) => subject === 'api' && state === 'pass');

/**
 * Calls the API for some users of the list, at the job's rate: once to see whether the settings are right, then for all
 * pages of each.
 * @throws the reason of `stop`
 */
export async function checkCalls(
  job: Job,
  names: IdCodec,
  sample: readonly string[],
  stop: AbortSignal,
): Promise<CallsCheck> {
  setMaxListeners(0, stop);
  let clockFault: string | null = null;
  const client = apiClient(job, (fault) => {
    clockFault = fault;
  });
  // One for all calls: a second rate limiter would not keep within the quota.
  const caller = new ApiCaller({
    ...job.pull,
    concurrency: Math.min(CONCURRENCY, job.pull.concurrency),
    maxAttempts: Math.min(MAX_ATTEMPTS, job.pull.maxAttempts),
    maxOutageMs: Math.min(MAX_OUTAGE_MS, job.pull.maxOutageMs),
    client,
    canaryUserId: null,
    onOutage: () => {},
    onFailed: () => {},
    redact: names.redact,
    onSlotGranted: () => {},
    onRateNotice: () => {},
    abort: stop,
  });
  try {
    const [first] = sample;
    const account = first === undefined ? job.api.identifier : names.toApi(first);
    // Any user shows whether the settings are right; with an unreadable list, the caller's own account.
    const { findings, works } = await checkApi(job, caller, account, stop);
    const checked = [...findings, clockFinding(client.clockSkewMs, clockFault, isAnswered(findings))];
    if (!works || sample.length === 0) return { findings: checked, experience: null };
    const { finding, experience } = await checkSample(
      pullUserSettings(job, { names, suppressed: SuppressedUsers.none }),
      caller,
      sample,
      stop,
    );
    return { findings: [...checked, finding], experience };
  } finally {
    await client.close();
  }
}
