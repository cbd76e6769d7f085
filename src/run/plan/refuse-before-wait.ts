import type { Job } from '../../config/model/job.ts';
import type { BeforeLock } from '../../destinations/contract/destination.ts';
import { RunRefused } from '../errors/run-errors.ts';
import type { IdCodec } from '../ids/id-codec.ts';
import { decideResume } from './decide-resume.ts';
import { whyNotToPrune } from './prune-others.ts';
import { assertSameKey } from './pseudonym-key-check.ts';
import { runIdentity } from './run-identity.ts';

/**
 * Refuses a job before it waits for the run at work, if that run cannot change what is wrong. After the wait all is checked again.
 * @throws {RunRefused}
 */
export function refuseBeforeWait(
  job: Job,
  names: IdCodec,
  { run, otherJobs, storedKeyFingerprint }: Omit<BeforeLock, 'waitedMs'>,
): void {
  const refusal =
    (job.rows.prune ? whyNotToPrune(job, otherJobs) : null) ??
    assertSameKey(job, storedKeyFingerprint, names);
  if (refusal !== null) throw new RunRefused(`${refusal.message}; ${refusal.hint}`);
  const { resume, fresh } = job.run;
  const isToResume =
    !fresh &&
    run?.job === job.name &&
    run.status === 'running' &&
    run.retryOfRun === null &&
    job.users.failedOf === null;
  // Any other run may be over by then, and is not of interest any more.
  if (resume === null && !isToResume) return;
  decideResume(run, runIdentity(job, names), { ...job.run, retryOfRun: null }, Date.now());
}
