import type { Job } from '../config/model/job.ts';
import type { CheckResult } from '../destinations/contract/inspection.ts';
import { ChatExportError } from '../errors/chat-export-error.ts';
import { RunRefused } from '../run/errors/run-errors.ts';
import type { IdCodec } from '../run/ids/id-codec.ts';
import { readUsers } from '../run/plan/read-users.ts';
import { grouped } from '../text/format.ts';
import type { DistinctUsers } from '../user-list/distinct/distinct-users.ts';
import { emptyList, UserListError } from '../user-list/user-list-error.ts';

/** The findings about the user list. `users`, null for an empty or invalid list, is for the caller to close. */
export type ListCheck = {
  readonly finding: CheckResult;
  readonly users: DistinctUsers | null;
  /** Standard input is empty. A run refuses that only when it starts: an unfinished run has its plan. */
  readonly isEmpty: boolean;
  /** The run whose failed users these are; null for any other list. */
  readonly retryOfRun: number | null;
};

/** The finding for an empty standard input when an attempt resumes a run. */
export const NOT_NEEDED: CheckResult = {
  subject: 'list',
  state: 'pass',
  message: 'standard input is empty: the run to resume has its plan',
};

/** Reads the job's user list as a run does. @throws the reason of `stop` */
export async function checkList(job: Job, names: IdCodec, stop: AbortSignal): Promise<ListCheck> {
  const subject = 'list';
  const left: string[] = [];
  try {
    const { users, counts, name, retryOfRun } = await readUsers(job, names, stop, {
      onNotice: (text) => void left.push(text),
    });
    if (users.users === 0 && retryOfRun !== null) {
      users.close();
      const message = `there are no ${name}: a run has nothing to do`;
      return { finding: { subject, state: 'pass', message }, users: null, isEmpty: false, retryOfRun };
    }
    if (users.users === 0) {
      users.close();
      return { ...unusable(emptyList(name), job), isEmpty: true };
    }
    const repeated = users.duplicates > 0 ? `, ${grouped(users.duplicates)} repetitions` : '';
    const bad = counts.bad > 0 ? `, ${grouped(counts.bad)} invalid lines` : '';
    const message = `${grouped(users.users)} users${repeated}${bad} in ${name}`;
    if (counts.bad === 0)
      return { finding: { subject, state: 'pass', message }, users, isEmpty: false, retryOfRun };
    const hint = 'a run skips them; fix them, or reject a list with invalid lines (--max-bad-lines 0)';
    return {
      finding: { subject, state: 'warn', message: [`${message}:`, ...left].join('\n'), hint },
      users,
      isEmpty: false,
      retryOfRun,
    };
  } catch (error) {
    return unusable(error, job);
  }
}

const unusable = (error: unknown, { users }: Job): ListCheck => ({
  finding: {
    subject: 'list',
    state: 'fail',
    ...whyUnusable(error, users.failedOf === null ? OF_A_LIST : OF_FAILED_USERS),
  },
  users: null,
  isEmpty: false,
  retryOfRun: null,
});

/** The hint for a refused list, and for an unreadable source. */
type Advice = { readonly refused: string; readonly unread: string };

const OF_A_LIST: Advice = {
  refused: 'name another directory with --temp-dir',
  unread: 'check the database of --users-sql, and its address, role and password in --users-db or --to',
};

const OF_FAILED_USERS: Advice = {
  refused: 'name another run: chat-export runs lists them',
  unread: 'the failed users are in the destination: check it, and --to',
};

/** Why a list is invalid. @throws {unknown} any error that is not the program's own */
function whyUnusable(error: unknown, advice: Advice): Pick<CheckResult, 'message' | 'hint' | 'exitCode'> {
  if (!(error instanceof ChatExportError)) throw error;
  const { message, exitCode } = error;
  if (error instanceof UserListError) return { message, hint: 'fix the list, or name another one', exitCode };
  return { message, hint: error instanceof RunRefused ? advice.refused : advice.unread, exitCode };
}
