import type { RunArchive } from '../destinations/run-archive.ts';
import type { FailedOf, Job } from '../job/job.ts';
import { DistinctUsers } from '../users/distinct-users.ts';
import { openArchive } from './open-archive.ts';
import { RunRefused } from './run-refused.ts';

const USERS_AT_ONCE = 1_000;

/** The failed users of a run, none of them mended yet, read whole. */
export type FailedUsers = {
  readonly users: DistinctUsers;
  readonly name: string;
  readonly lines: number;
  /** The number of the run. */
  readonly mends: number;
};

/**
 * Reads the failed users of an earlier run of the job from its destination. `users` is for the caller to close.
 * @throws {RunRefused} when that run cannot be mended by this job; as `openArchive`; the reason of `stop`
 */
export async function readFailedUsers(
  job: Job,
  { runId, codes }: FailedOf,
  tempDir: string,
  stop: AbortSignal,
): Promise<FailedUsers> {
  await using archive = await openArchive({ destination: job.destination, caFile: job.network.caFile });
  const run = await runToMend(archive, job, runId);
  let lines = 0;
  async function* batches(): AsyncGenerator<string[]> {
    let batch: string[] = [];
    for await (const { user_id: userId, error_code: code } of archive.failed(run)) {
      if (codes.length > 0 && (code === null || !codes.includes(Number(code)))) continue;
      lines += 1;
      batch.push(userId);
      if (batch.length < USERS_AT_ONCE) continue;
      yield batch;
      batch = [];
    }
    if (batch.length > 0) yield batch;
  }
  const users = await DistinctUsers.read(batches(), tempDir, stop);
  const only = codes.length === 0 ? '' : ` with ${codes.join(', ')}`;
  return { users, lines, mends: run.record.runId, name: `failed users of run ${run.record.runId}${only}` };
}

async function runToMend(archive: RunArchive, { name, api }: Job, runId: FailedOf['runId']) {
  const { sdkAppId } = api;
  const option = `--only-failed ${runId}`;
  const found =
    runId === 'last'
      ? await archive.lastFinished({ sdkAppId, job: name }, { whole: true })
      : await archive.find(runId);
  if (found === null) {
    const which = runId === 'last' ? `finished run of job ${JSON.stringify(name)}` : `run ${runId}`;
    throw new RunRefused(
      `${option}: ${archive.name} holds no ${which}; chat-export runs lists those that it holds`,
    );
  }
  const { record } = found;
  const refuse = (why: string): RunRefused => new RunRefused(`${option}: ${why}`);
  if (record.sdkAppId !== sdkAppId)
    throw refuse(`that run is of app ${record.sdkAppId}, this job is of ${sdkAppId}`);
  if (record.job !== name)
    throw refuse(
      `that run is of job ${JSON.stringify(record.job)}; mend it with that job, or name it with --name`,
    );
  if (record.status === 'running')
    throw refuse('that run is unfinished; the job without --only-failed goes on with it');
  if (record.mends !== null)
    throw refuse(
      `that run itself mends run ${record.mends}; --only-failed ${record.mends} pulls whom both left`,
    );
  return found;
}
