import type { Job } from '../config/model/job.ts';
import type { CheckResult, Inspection } from '../destinations/contract/inspection.ts';
import { awaitedLock } from '../destinations/contract/lock-finding.ts';
import type { Waiting } from '../destinations/contract/waiting.ts';
import { destinationKind } from '../destinations/open/kinds.ts';
import { exitCodes } from '../errors/exit-codes.ts';
import { proxyOptions } from '../run/calls/api-client.ts';
import { type IdCodec, idCodec } from '../run/ids/id-codec.ts';
import { whyNotToPrune } from '../run/plan/prune-others.ts';
import { assertSameKey } from '../run/plan/pseudonym-key-check.ts';
import { whyNotToReplace } from '../run/plan/replaced-export.ts';
import { checkCalls, NOT_CALLED } from './check-calls.ts';
import { checkList, NOT_NEEDED } from './check-list.ts';
import { asExperience, type Cost, type Experience, estimateCost } from './cost.ts';
import { inspectDestination } from './inspect-destination.ts';
import { nextStart } from './next-start.ts';
import { roomFinding } from './room.ts';
import { sampleUsers } from './sample.ts';

const MAX_SAMPLED = 20;

/** All findings, in the order in which a run would meet them, and the cost of a run; null when it is unknown. */
export type Checked = { readonly findings: readonly CheckResult[]; readonly cost: Cost | null };

/**
 * Checks everything that a run of a job needs: the list, the API with its settings, the destination. Writes nothing. It makes a
 * few calls, at the job's rate, and none while a run is at work in the destination, which uses the quota.
 * @param waiting how long others may keep it waiting, and what ends it
 * @throws {RunRefused} when a run would be refused before it reads its list; the reason of `stop`
 */
export async function checkJob(job: Job, waiting: Waiting): Promise<Checked> {
  const { stop } = waiting;
  // An invalid proxy is an error of the job, for which there is no report.
  proxyOptions(job);
  const names = idCodec(job.rows.pseudonymize);
  const list = await checkList(job, names, stop);
  const sample = list.users === null ? [] : sampleUsers(list.users, MAX_SAMPLED);
  await list.users?.close();
  // As late as possible: a run that starts after this check is not seen.
  const inspection = await inspectDestination(job, waiting);
  stop.throwIfAborted();
  const isTaken =
    inspection.isAtWork === true || inspection.findings.some(({ exitCode }) => exitCode === exitCodes.locked);
  const api = isTaken ? NOT_CALLED : await checkCalls(job, names, sample, stop);
  const start = nextStart(job, names, inspection.last, {
    digest: list.users?.digest ?? null,
    retryOfRun: list.retryOfRun,
    isRead: list.finding.state !== 'fail',
    isShared: job.run.share && inspection.isAtWork === true,
    isLocked: inspection.findings.some(({ subject, state }) => subject === 'lock' && state === 'fail'),
  });
  // A resumed run keeps its plan, whatever list and limit say.
  const planned = start.left ?? limited(list.users?.users ?? null, job.run.limit);
  const cost = planned === null ? null : costTold(job, planned, api.experience, inspection);
  // In the order of a run: the finding that would end it first comes first.
  const findings = [
    ...(list.isEmpty ? [] : [list.finding]),
    ...inspection.findings.map((finding) => awaitedLock(finding, job.run.waitForLockMs)),
    start.finding,
    ...pruneFindings(job, inspection),
    ...replacingFindings(job, inspection),
    ...namingFindings(job, inspection, names),
    ...(list.isEmpty ? [start.left === null ? list.finding : NOT_NEEDED] : []),
    ...api.findings,
    ...(cost === null ? [] : [roomFinding(cost, inspection.freeBytes, holdsRows(job, inspection))]),
  ];
  return { findings, cost };
}

/** If other jobs have exported the app, a run that prunes is refused as soon as the lock is taken. */
function pruneFindings(job: Job, { otherJobs }: Inspection): readonly CheckResult[] {
  const refusal = job.rows.prune ? whyNotToPrune(job, otherJobs) : null;
  if (refusal === null) return [];
  return [{ subject: 'prune', state: 'fail', ...refusal, exitCode: exitCodes.usage }];
}

/** If a run would replace the export of another job, it is refused as soon as the lock is taken. */
function replacingFindings(job: Job, { replaced = null }: Inspection): readonly CheckResult[] {
  const refusal = whyNotToReplace(job, replaced);
  return refusal === null
    ? []
    : [{ subject: 'export', state: 'fail', ...refusal, exitCode: exitCodes.usage }];
}

/** If rows have IDs of another key, a run is refused as soon as the lock is taken. */
function namingFindings(
  job: Job,
  { storedKeyFingerprint }: Inspection,
  names: IdCodec,
): readonly CheckResult[] {
  const refusal = assertSameKey(job, storedKeyFingerprint, names);
  return refusal === null ? [] : [{ subject: 'names', state: 'fail', ...refusal, exitCode: exitCodes.usage }];
}

/** Whether a run writes only changes, as in databases, and rows exist already. */
const holdsRows = ({ destination }: Job, { bytesPerConversation }: Inspection): boolean =>
  destinationKind(destination).keepsEarlierRows && bytesPerConversation !== null;

const limited = (users: number | null, limit: number | null): number | null =>
  users === null || limit === null ? users : Math.min(users, limit);

function costTold(
  { pull, destination }: Job,
  users: number,
  sample: Experience | null,
  inspection: Inspection,
): Cost {
  const { last, bytesPerConversation } = inspection;
  // A retry run asks for the users who fail.
  const isTypical = last?.record.retryOfRun === null;
  const experience = (isTypical ? asExperience(last.record.counts) : null) ?? sample;
  const { assumedBytes } = destinationKind(destination).about(destination);
  return estimateCost(users, pull.rate, experience, bytesPerConversation, assumedBytes);
}
