import { stat } from 'node:fs/promises';
import type { Job } from '../../config/model/job.ts';
import { DistinctUsers } from '../../user-list/distinct/distinct-users.ts';
import { holds, KeyWatch } from '../../user-list/key-watch.ts';
import { openListFile } from '../../user-list/list-file.ts';
import type { ListSource } from '../../user-list/list-source.ts';
import { UserList } from '../../user-list/user-list.ts';
import { UserListError } from '../../user-list/user-list-error.ts';
import type { RunEvents } from '../events/run-events.ts';
import type { IdCodec } from '../ids/id-codec.ts';
import { jobSecrets } from './job-secrets.ts';
import { failedInList, readFailedUsers } from './read-failed-users.ts';
import { usableTempDir } from './temp-dir.ts';

/** A job's user list, read to the end and checked. */
export type ReadUsers = {
  /** Zero only when the list is standard input and that is empty. */
  readonly users: DistinctUsers;
  /** Counts of lines without a user. */
  readonly counts: UserList['counts'];
  /** The name of the list in messages. */
  readonly name: string;
  /** The run whose failed users these are; null for the job's own list. */
  readonly retryOfRun: number | null;
};

/** Whether a job's list can be read once more. A pipe cannot. */
export async function isReadableAgain({ users: { file } }: Job): Promise<boolean> {
  if (file === null) return true;
  return file !== '-' && ((await stat(file).catch(() => null))?.isFile() ?? true);
}

/**
 * Reads a job's user list to its end, and reports bad lines that were skipped. `users` have the form of the plan; the caller
 * closes them.
 * @throws {UserListError} when the list is invalid; {RunRefused} when the temporary directory fails; {DestinationError} when the
 * database of a query cannot be reached; the reason of `stop`
 */
export async function readUsers(
  job: Job,
  names: IdCodec,
  stop: AbortSignal,
  events: RunEvents,
): Promise<ReadUsers> {
  const { users: from } = job;
  const tempDir = await usableTempDir(from.tempDir);
  const { failedOf } = from;
  if (failedOf === null) return await readList(job, names, tempDir, stop, events);
  const options = { tempDir, stop, onNotice: (message: string) => events.onNotice?.(message) };
  const failed = await (names.keyFingerprint === null
    ? readFailedUsers(job, failedOf, options)
    : failedInList(job, failedOf, await readList(job, names, tempDir, stop, events), { ...options, names }));
  const { lines, ...read } = failed;
  return { ...read, counts: { lines, blank: 0, bad: 0 } };
}

async function readList(
  job: Job,
  names: IdCodec,
  tempDir: string,
  stop: AbortSignal,
  events: RunEvents,
): Promise<ReadUsers> {
  const { users: from } = job;
  const watch = new KeyWatch(jobSecrets(job));
  const source = watch.over(await openSource(job, stop, events));
  const list = new UserList(source, from.maxBadLines);
  const shown = (problem: string): string => names.redactText(watch.shown(problem));
  const users = await DistinctUsers.read(planned(list, names, watch, shown), tempDir, stop);
  const { counts, problems } = list;
  for (const problem of problems) events.onNotice?.(`${shown(problem)} (skipped)`);
  if (counts.bad > problems.length) {
    events.onNotice?.(
      `${source.name}: skipped ${counts.bad} invalid lines (--max-bad-lines ${from.maxBadLines}); the first ones are listed above`,
    );
  }
  return { users, counts, name: source.name, retryOfRun: null };
}

async function* planned(
  list: UserList,
  names: IdCodec,
  watch: KeyWatch,
  shown: (problem: string) => string,
): AsyncGenerator<string[]> {
  try {
    for await (const batch of list.ids()) {
      for (const userId of batch) {
        const what = watch.partOf(userId);
        if (what !== null) throw new UserListError([holds(what)]);
      }
      yield batch.map((userId) => names.toPlan(userId));
    }
  } catch (error) {
    throw error instanceof UserListError ? new UserListError(error.problems.map(shown)) : error;
  }
}

async function openSource(
  { users: { file, query, column }, network: { caFile }, pull: { maxOutageMs } }: Job,
  stop: AbortSignal,
  events: RunEvents,
): Promise<ListSource> {
  if (query !== null) {
    const { openUserQuery } = await import('./user-query.ts');
    const onNotice = (message: string): void => events.onNotice?.(message);
    return openUserQuery(query, column, { caFile, stop, maxOutageMs, onNotice });
  }
  if (file !== null) return openListFile(file, column, stop);
  throw new TypeError('a job has a user list or a query for one');
}
