import type { RunIdentity, RunRecord } from '../../destinations/contract/destination.ts';
import { timeSpan } from '../../text/format.ts';
import { RunRefused } from '../errors/run-errors.ts';
import { OUT_OF_TIME } from '../events/deadline.ts';

export type ResumeOptions = {
  readonly fresh: boolean;
  /** The number of the run to resume, or null. */
  readonly resume: number | null;
  readonly resumeWithinMs: number;
  /** The run whose failed users to pull; null for the whole list. */
  readonly retryOfRun: number | null;
};

export type ResumeDecision =
  | { readonly kind: 'resume'; readonly run: RunRecord; readonly why: string }
  | { readonly kind: 'start'; readonly abandon: RunRecord | null; readonly why: string };

/**
 * Decides whether to resume an earlier run or to start a new one. Pure.
 * @param last the job's last run in its destination; with `options.resume`, the run of that number; null when there is none
 * @param now unix ms
 * @throws {RunRefused} when the options cannot be met
 */
export function decideResume(
  last: RunRecord | null,
  now: RunIdentity,
  options: ResumeOptions,
  nowMs: number,
): ResumeDecision {
  if (options.resume !== null) {
    if (last === null)
      throw new RunRefused(`--resume ${options.resume}: the destination has no such run of this app`);
    if (last.job !== now.job) {
      throw new RunRefused(
        `--resume ${options.resume}: that run is of the job ${JSON.stringify(last.job)}, and this is the job ` +
          `${JSON.stringify(now.job)}; resume it with its own job, or leave --resume out`,
      );
    }
    if (last.status !== 'running') {
      throw new RunRefused(
        `--resume ${options.resume}: that run is ${last.status}; only an unfinished run can be resumed`,
      );
    }
    return { kind: 'resume', run: requireSame(last, now), why: `--resume ${options.resume}` };
  }
  if (last === null) return { kind: 'start', abandon: null, why: 'this job has no earlier run here' };
  if (last.status !== 'running') {
    return { kind: 'start', abandon: null, why: `run ${last.runId} is ${last.status}` };
  }
  if (options.fresh)
    return { kind: 'start', abandon: last, why: `--fresh; run ${last.runId} is closed as abandoned` };
  if (last.job !== now.job) {
    throw new RunRefused(
      `the destination holds the unfinished run ${last.runId} of the job ${JSON.stringify(last.job)}; ` +
        'finish it with that job, choose another destination, or use --fresh to abandon it',
    );
  }
  if (last.retryOfRun === null && options.retryOfRun !== null) {
    throw new RunRefused(
      `run ${last.runId} is unfinished, and has the whole list to pull; finish it first (without --retry-failed), ` +
        'or use --fresh to abandon it',
    );
  }
  if (last.retryOfRun !== options.retryOfRun) {
    const why = `run ${last.runId} is unfinished, but only retries the failed users of run ${last.retryOfRun}; it is closed as abandoned`;
    return { kind: 'start', abandon: last, why };
  }
  if (last.stopReason === OUT_OF_TIME) {
    return {
      kind: 'resume',
      run: requireSame(last, now),
      why: `run ${last.runId} was stopped on time by --max-duration`,
    };
  }
  const age = nowMs - Date.parse(last.startedAt);
  if (age < options.resumeWithinMs) {
    const ago = `it started ${timeSpan(age)} ago, within --resume-within ${timeSpan(options.resumeWithinMs)}`;
    return { kind: 'resume', run: requireSame(last, now), why: `run ${last.runId} is unfinished; ${ago}` };
  }
  const why =
    `run ${last.runId} is unfinished but started ${timeSpan(age)} ago, over --resume-within ` +
    `${timeSpan(options.resumeWithinMs)}; it is closed as abandoned`;
  return { kind: 'start', abandon: last, why };
}

/** @throws {RunRefused} when the run was started with other properties than `now` */
function requireSame(run: RunRecord, now: RunIdentity): RunRecord {
  const changes = identityChanges(run, now);
  if (changes.length === 0) return run;
  throw new RunRefused(
    `run ${run.runId} is unfinished and cannot be resumed: ${changes.join('; ')}; use --fresh to start a new run`,
  );
}

/** How the properties of a run differ from those that it would have now, in words. */
export function identityChanges(run: RunIdentity, now: RunIdentity): readonly string[] {
  return [
    run.sdkAppId === now.sdkAppId ? null : `the app was ${run.sdkAppId}, it is ${now.sdkAppId} now`,
    run.endpoint === now.endpoint ? null : `the endpoint was ${run.endpoint}, it is ${now.endpoint} now`,
    run.rowFormat === now.rowFormat
      ? null
      : `the row format was ${run.rowFormat}, it is ${now.rowFormat} now`,
    keyChange(run.keyFingerprint, now.keyFingerprint),
    run.freeTextDropped === now.freeTextDropped
      ? null
      : `it ${run.freeTextDropped ? 'dropped' : 'kept'} free text (--drop-free-text), and would no longer`,
  ].filter((change) => change !== null);
}

function keyChange(was: string | null, now: string | null): string | null {
  if (was === now) return null;
  if (was === null) return 'it writes user IDs as they are, and --pseudonymize asks for pseudonyms';
  if (now === null) return 'it writes pseudonyms, and --pseudonymize names no key now';
  return '--pseudonymize names another key than the one it was started with';
}
