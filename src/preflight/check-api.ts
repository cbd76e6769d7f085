import { setTimeout as sleep } from 'node:timers/promises';
import { CallError } from '../chat-api/call-error.ts';
import { type Concern, errorTable } from '../chat-api/error-table.ts';
import type { Job } from '../config/model/job.ts';
import type { CheckResult } from '../destinations/contract/inspection.ts';
import { exitCodes } from '../errors/exit-codes.ts';
import type { ApiCaller } from '../run/calls/api-caller.ts';
import { apiEndpoint } from '../run/calls/api-client.ts';
import { stopsTheRun } from '../run/calls/classify-failure.ts';

const ATTEMPTS = 3;
const BETWEEN_ATTEMPTS_MS = 1_000;

/** The findings of one call about the app's settings, and whether more calls make sense. */
export type ApiCheck = { readonly findings: readonly CheckResult[]; readonly works: boolean };

/** Asks the API for one user: checks that it can be reached, and accepts this region, key and caller. */
export async function checkApi(
  job: Job,
  caller: ApiCaller,
  userId: string,
  stop: AbortSignal,
): Promise<ApiCheck> {
  const error = await firstAnswer(caller, userId, stop);
  if (error !== null && error.code === null) {
    const { summary: message, hint } = error;
    const reach: CheckResult = {
      subject: 'api',
      state: 'fail',
      message,
      ...(hint && { hint }),
      exitCode: exitCodes.api,
    };
    return { findings: [reach, ...settings(job, UNTOLD)], works: false };
  }
  const reach: CheckResult = { subject: 'api', state: 'pass', message: `${apiEndpoint(job)} answers` };
  const quota = error?.class === 'limit' ? [quotaInUse(error)] : [];
  if (stopsTheRun(error)) return { findings: [reach, ...settings(job, refusedBy(error))], works: false };
  return { findings: [reach, ...settings(job, PASSED), ...quota], works: true };
}

/** The failure of a call, after some attempts for temporary ones; null when it succeeded. */
async function firstAnswer(caller: ApiCaller, userId: string, stop: AbortSignal): Promise<CallError | null> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      await caller.once(userId);
      return null;
    } catch (error) {
      stop.throwIfAborted();
      // A page with wrong paging fields is an answer, too.
      if (!(error instanceof CallError) || error.class === 'invalid-page') return null;
      const mayPass = ['transient', 'transient-few', 'malformed', 'sign-again'].includes(error.class);
      if (!mayPass || attempt === ATTEMPTS) return error;
    }
    await sleep(BETWEEN_ATTEMPTS_MS, undefined, { signal: stop });
  }
}

type Verdict = (
  about: Concern,
) => Pick<CheckResult, 'state' | 'hint' | 'exitCode'> & { readonly message?: string };

const PASSED: Verdict = () => ({ state: 'pass' });
const UNTOLD: Verdict = () => ({ state: 'unknown', message: 'unknown: the API did not answer' });

/** One setting is refused. That says nothing about the others. */
function refusedBy(error: CallError): Verdict {
  const { summary: message, hint, code } = error;
  const concern = errorTable.get(code ?? 0)?.about ?? 'app';
  return (about) =>
    about === concern
      ? { state: 'fail', message, ...(hint && { hint }), exitCode: exitCodes.api }
      : { state: 'unknown', message: 'unknown: the API refused for another reason' };
}

function settings({ api }: Job, verdict: Verdict): CheckResult[] {
  const { region, sdkAppId, identifier, credentials } = api;
  const whenPassed: Readonly<Record<Concern, string>> = {
    region: region === null ? `app ${sdkAppId} is known there` : `app ${sdkAppId} is in ${region}`,
    key: `${credentials.kind === 'secretKey' ? 'the secret key' : 'the UserSig'} is the app's`,
    admin: `${identifier} may call the API`,
    app: `app ${sdkAppId} may make this call`,
  };
  return (['region', 'key', 'admin', 'app'] as const).map((about) => ({
    subject: about,
    message: whenPassed[about],
    ...verdict(about),
  }));
}

const quotaInUse = (error: CallError): CheckResult => ({
  subject: 'quota',
  state: 'warn',
  message: `the first call was refused: ${error.summary}`,
  hint: 'another client uses the quota of this app now; leave it a share with --rate',
});
