import type { Job } from '../config/model/job.ts';
import type { CheckResult, Inspection } from '../destinations/contract/inspection.ts';
import { RunRefused } from '../run/errors/run-refused.ts';
import type { IdCodec } from '../run/ids/id-codec.ts';
import { decideResume, type ResumeDecision } from '../run/plan/decide-resume.ts';
import { identityOf } from '../run/plan/run-identity.ts';

/** What a start now would do; `left` are the users that a run which goes on still has to do, else null. */
export type NextStart = { readonly finding: CheckResult; readonly left: number | null };

/**
 * Whether a start now would begin a run, go on with one, or be refused.
 * @param list.digest of the user list as it is now; null where it cannot be read
 * @param list.mends the run whose failed users it is; null for any other list
 * @param list.isRead whether the list, or the failed users, could be read
 */
export function nextStart(
  job: Job,
  names: IdCodec,
  last: Inspection['last'],
  {
    digest,
    mends,
    isRead,
  }: { readonly digest: string | null; readonly mends: number | null; readonly isRead: boolean },
): NextStart {
  const told = (finding: Omit<CheckResult, 'subject'>, left: number | null = null): NextStart => ({
    finding: { subject: 'run', ...finding },
    left,
  });
  if (last === undefined) return told({ state: 'unknown', says: 'not told: earlier runs cannot be seen' });
  // Which run they failed in decides what a start does.
  if (job.users.failedOf !== null && !isRead)
    return told({ state: 'unknown', says: 'not told: the failed users cannot be read' });
  const identity = identityOf(job, names);
  let choice: ResumeDecision;
  try {
    choice = decideResume(last?.record ?? null, identity, { ...job.run, mends }, Date.now());
  } catch (error) {
    if (!(error instanceof RunRefused)) throw error;
    const next =
      job.run.resume === null
        ? 'do as it says, or name another job with --name'
        : 'chat-export runs lists the runs that are there; without --resume a start chooses by itself';
    return told({ state: 'fail', says: error.message, next, endsAs: 'usage' });
  }
  if (choice.kind === 'begin' || last === null) {
    return told({ state: 'pass', says: `a start now would begin a run: ${choice.why}` });
  }
  const left = last.record.list.users - last.usersDone;
  const says = `a start now would go on with run ${last.record.runId}, which has ${left} users left: ${choice.why}`;
  if (digest === null || mends !== null || digest === last.record.list.digest)
    return told({ state: 'pass', says }, left);
  return told(
    {
      state: 'warn',
      says: `${says}; the user list has changed since, and that run keeps its plan`,
      next: 'to export the list as it is now, begin a run with --fresh',
    },
    left,
  );
}
