import type { Job } from '../config/model/job.ts';
import type { CheckResult, Inspection } from '../destinations/contract/inspection.ts';
import { exitCodes } from '../errors/exit-codes.ts';
import { RunRefused } from '../run/errors/run-errors.ts';
import type { IdCodec } from '../run/ids/id-codec.ts';
import { decideResume, type ResumeDecision } from '../run/plan/decide-resume.ts';
import { runIdentity } from '../run/plan/run-identity.ts';
import { grouped } from '../text/format.ts';

/** The effect of an attempt now; `left` counts the users that a resumed run still has to process, else null. */
export type NextStart = { readonly finding: CheckResult; readonly left: number | null };

/**
 * Whether an attempt now would start a run, resume one, or be refused.
 * @param list.digest of the present user list; null when it is unreadable
 * @param list.retryOfRun the run whose failed users these are; null for any other list
 * @param list.isRead whether the list, or the failed users, could be read
 * @param list.isShared whether this attempt may join others, and processes are at work on a run of the app now
 * @param list.isLocked whether they do not share it
 */
export function nextStart(
  job: Job,
  names: IdCodec,
  last: Inspection['last'],
  {
    digest,
    retryOfRun,
    isRead,
    isShared = false,
    isLocked = false,
  }: {
    readonly digest: string | null;
    readonly retryOfRun: number | null;
    readonly isRead: boolean;
    readonly isShared?: boolean;
    readonly isLocked?: boolean;
  },
): NextStart {
  const nextAs = (finding: Omit<CheckResult, 'subject'>, left: number | null = null): NextStart => ({
    finding: { subject: 'run', ...finding },
    left,
  });
  if (last === undefined)
    return nextAs({ state: 'unknown', message: 'unknown: earlier runs cannot be read' });
  // The effect depends on the run in which they failed.
  if (job.users.failedOf !== null && !isRead)
    return nextAs({ state: 'unknown', message: 'unknown: the failed users cannot be read' });
  if (isShared && isLocked) {
    const message = 'an attempt now would be refused: a run that was started without --share is at work';
    return nextAs({
      state: 'fail',
      message,
      hint: 'wait until it ends, or stop it and start it again with --share',
      exitCode: exitCodes.locked,
    });
  }
  const identity = runIdentity(job, names);
  if (isShared && !job.run.fresh && last?.record.status === 'running') {
    const { runId, list } = last.record;
    const open = list.users - last.usersDone;
    const message = `an attempt now would join the processes at run ${runId}, which has ${usersLeft(open)}`;
    return nextAs({ state: 'pass', message }, open);
  }
  let choice: ResumeDecision;
  try {
    choice = decideResume(last?.record ?? null, identity, { ...job.run, retryOfRun }, Date.now());
  } catch (error) {
    if (!(error instanceof RunRefused)) throw error;
    const hint =
      job.run.resume === null
        ? 'do as the message says, or name another job with --name'
        : 'chat-export runs lists the runs that are there; without --resume, an attempt chooses the run itself';
    return nextAs({ state: 'fail', message: error.message, hint, exitCode: error.exitCode });
  }
  if (choice.kind === 'start' || last === null) {
    return nextAs({ state: 'pass', message: `an attempt now would start a new run: ${choice.why}` });
  }
  const left = last.record.list.users - last.usersDone;
  const message = `an attempt now would resume run ${last.record.runId}, which has ${usersLeft(left)}: ${choice.why}`;
  if (digest === null || retryOfRun !== null || digest === last.record.list.digest)
    return nextAs({ state: 'pass', message }, left);
  return nextAs(
    {
      state: 'warn',
      message: `${message}; the user list has changed since, and that run keeps its plan`,
      hint: 'to export the list as it is now, start a new run with --fresh',
    },
    left,
  );
}

const usersLeft = (users: number): string => `${grouped(users)} ${users === 1 ? 'user' : 'users'} left`;
