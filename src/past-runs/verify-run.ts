import type { DestinationRef } from '../config/read-destination-ref.ts';
import { DestinationLocked } from '../destinations/contract/destination-error.ts';
import type { ArchivedRun } from '../destinations/contract/run-archive.ts';
import type { Verification } from '../destinations/contract/verification.ts';
import { type ArchivePlace, type OpenedArchive, openArchive } from '../destinations/open/open-archive.ts';
import { RunRefused } from '../run/errors/run-errors.ts';
import { recordChecks } from './record-checks.ts';

/** A run's record, compared with its destination. */
export type Verified = {
  readonly destination: string;
  readonly record: ArchivedRun['record'];
  readonly checks: readonly Verification[];
};

/**
 * Compares a run's record with its destination. Writes nothing.
 * @param runId the run; null is the last finished one of the place's app and job
 * @throws {RunRefused} when there is no such run; {DestinationLocked} while a run is at work there, or was meanwhile; as
 * `openArchive`
 */
export async function verifyRun(
  place: DestinationRef & ArchivePlace,
  runId: number | null,
): Promise<Verified> {
  await using archive = await openArchive(place);
  const run = await runToVerify(archive, place, runId);
  const { record } = run;
  const ofApp = { sdkAppId: record.sdkAppId, job: null };
  const newest = (await archive.lastFinished(ofApp))?.record.runId;
  await refuseAtWork(archive, record.sdkAppId);
  const checks: Verification[] = [...recordChecks(run)];
  for await (const check of archive.checks(run)) checks.push(check);
  await refuseAtWork(archive, record.sdkAppId);
  const newestNow = (await archive.lastFinished(ofApp))?.record.runId;
  if (newestNow !== newest) {
    throw new DestinationLocked(`run ${newestNow} was at work in ${archive.name} meanwhile; verify again`);
  }
  return { destination: archive.name, record, checks };
}

async function runToVerify(
  archive: OpenedArchive,
  place: DestinationRef,
  runId: number | null,
): Promise<ArchivedRun> {
  const { sdkAppId, job } = place;
  const found = runId === null ? await archive.lastFinished(place) : await archive.find(runId);
  if (found === null) {
    const which =
      runId !== null
        ? `run ${runId}`
        : `finished run${sdkAppId === null ? '' : ` of app ${sdkAppId}`}${job === null ? '' : ` of job ${job}`}`;
    throw new RunRefused(
      `${archive.name} holds no ${which}, so there is nothing to verify; chat-export runs lists its runs`,
    );
  }
  const { record } = found;
  if (runId !== null && sdkAppId !== null && record.sdkAppId !== sdkAppId) {
    throw new RunRefused(`run ${runId} is of app ${record.sdkAppId}, not of ${sdkAppId}`);
  }
  return found;
}

/** Its rows are not yet part of any record. */
async function refuseAtWork(archive: OpenedArchive, sdkAppId: number): Promise<void> {
  const holder = await archive.holder(sdkAppId);
  if (holder === null) return;
  throw new DestinationLocked(`a run is at work in ${archive.name}: ${holder}`);
}
