import type { FailedOf, Job } from '../../config/model/job.ts';
import type { ArchivedRun, RunArchive } from '../../destinations/contract/run-archive.ts';
import { waitingOfRun } from '../../destinations/contract/waiting.ts';
import { type ArchivePlace, openArchive } from '../../destinations/open/open-archive.ts';
import { DistinctUsers } from '../../user-list/distinct/distinct-users.ts';
import { DuplicateFinder, type OrdinalSet } from '../../user-list/distinct/duplicate-finder.ts';
import { RunRefused } from '../errors/run-errors.ts';
import type { IdCodec } from '../ids/id-codec.ts';

const USERS_AT_ONCE = 1_000;

/** The failed users of a run who have not recovered, read to the end. */
export type FailedUsersToRetry = {
  readonly users: DistinctUsers;
  readonly name: string;
  readonly lines: number;
  /** The number of the run. */
  readonly retryOfRun: number;
};

/**
 * Reads the failed users of an earlier run of the job from its destination. The caller closes `users`.
 * @throws {RunRefused} when this job cannot retry that run; as `openArchive`; the reason of `stop`
 */
export async function readFailedUsers(
  job: Job,
  { runId, codes }: FailedOf,
  { tempDir, stop, onNotice }: Omit<FailedInListOptions, 'names'>,
): Promise<FailedUsersToRetry> {
  await using archive = await openArchive(archivePlace(job, { stop, onNotice }));
  const run = await runToRetry(archive, job, runId);
  const users = await DistinctUsers.read(inBatches(failedUsers(archive, run, codes)), tempDir, stop);
  // A user fails only once in a run.
  return { users, lines: users.users, ...describeRetry(run, codes) };
}

/**
 * The same for pseudonyms, which the API does not know. The IDs come from the job's list.
 * @param list read to the end; closed here
 */
export async function failedInList(
  job: Job,
  { runId, codes }: FailedOf,
  list: { readonly users: DistinctUsers; readonly name: string },
  { names, tempDir, stop, onNotice }: FailedInListOptions,
): Promise<FailedUsersToRetry> {
  const finder = new DuplicateFinder(tempDir);
  try {
    await using archive = await openArchive(archivePlace(job, { stop, onNotice }));
    const run = await runToRetry(archive, job, runId);
    // A user of the list whose pseudonym the finder has already is one of the failed users.
    let failed = 0;
    for await (const pseudonym of failedUsers(archive, run, codes)) {
      stop.throwIfAborted();
      finder.add(pseudonym);
      failed += 1;
    }
    for (const batch of list.users.batches()) {
      stop.throwIfAborted();
      for (const user of batch) finder.add(names.toRow(user));
    }
    const repeated = finder.repetitions();
    const users = await DistinctUsers.read(
      inBatches(repeatedIn(list.users, repeated, failed)),
      tempDir,
      stop,
    );
    const missing = failed - users.users;
    const named = describeRetry(run, codes);
    if (missing > 0)
      onNotice(`${missing} of ${failed} ${named.name} are not in ${list.name}, and are not pulled`);
    return { users, lines: users.users, ...named };
  } finally {
    finder.close();
    list.users.close();
  }
}

type FailedInListOptions = {
  readonly names: IdCodec;
  readonly tempDir: string;
  readonly stop: AbortSignal;
  readonly onNotice: (message: string) => void;
};

const archivePlace = (
  { destination, network, pull }: Job,
  settings: Pick<FailedInListOptions, 'stop' | 'onNotice'>,
): ArchivePlace => ({
  destination,
  caFile: network.caFile,
  waiting: waitingOfRun({ ...settings, maxOutageMs: pull.maxOutageMs }),
});

const describeRetry = (
  { record }: ArchivedRun,
  codes: FailedOf['codes'],
): Pick<FailedUsersToRetry, 'retryOfRun' | 'name'> => {
  const only = codes.length === 0 ? '' : ` with ${codes.join(', ')}`;
  return { retryOfRun: record.runId, name: `failed users of run ${record.runId}${only}` };
};

/** The stored names of a run's failed users who have not recovered: all, or those with one of the codes. */
async function* failedUsers(
  archive: RunArchive,
  run: ArchivedRun,
  codes: FailedOf['codes'],
): AsyncGenerator<string> {
  for await (const { user_id: userId, error_code: code } of archive.failed(run)) {
    if (codes.length === 0 || (code !== null && codes.includes(Number(code)))) yield userId;
  }
}

/** The users of a list at a set of ordinals. The first user of the list has the ordinal `from`. */
function* repeatedIn(list: DistinctUsers, set: OrdinalSet, from: number): Generator<string> {
  let ordinal = from;
  for (const batch of list.batches()) {
    for (const user of batch) {
      if (set.has(ordinal)) yield user;
      ordinal += 1;
    }
  }
}

async function* inBatches(users: AsyncIterable<string> | Iterable<string>): AsyncGenerator<string[]> {
  let batch: string[] = [];
  for await (const user of users) {
    batch.push(user);
    if (batch.length < USERS_AT_ONCE) continue;
    yield batch;
    batch = [];
  }
  if (batch.length > 0) yield batch;
}

async function runToRetry(archive: RunArchive, { name, api }: Job, runId: FailedOf['runId']) {
  const { sdkAppId } = api;
  const option = `--retry-failed ${runId}`;
  const found =
    runId === 'last'
      ? await archive.lastFinished({ sdkAppId, job: name }, { whole: true })
      : await archive.find(runId);
  if (found === null) {
    const which = runId === 'last' ? `finished run of job ${JSON.stringify(name)}` : `run ${runId}`;
    throw new RunRefused(`${option}: ${archive.name} holds no ${which}; chat-export runs lists its runs`);
  }
  const { record } = found;
  const refuse = (why: string): RunRefused => new RunRefused(`${option}: ${why}`);
  if (record.sdkAppId !== sdkAppId)
    throw refuse(`that run is of app ${record.sdkAppId}, this job is of ${sdkAppId}`);
  if (record.job !== name)
    throw refuse(
      `that run is of job ${JSON.stringify(record.job)}; retry it with that job, or name it with --name`,
    );
  if (record.status === 'running')
    throw refuse('that run is unfinished; the job without --retry-failed resumes it');
  if (record.retryOfRun !== null)
    throw refuse(
      `that run itself retries run ${record.retryOfRun}; --retry-failed ${record.retryOfRun} pulls the users who failed in both`,
    );
  return found;
}
