import type { Finding, Inspection } from '../destinations/inspection.ts';
import type { Job } from '../job/job.ts';
import { clientOf, proxyOf } from '../run/api-client.ts';
import { ApiUnusable } from '../run/api-unusable.ts';
import { checkApi } from './check-api.ts';
import { checkList } from './check-list.ts';
import { checkSample } from './check-sample.ts';
import { clockFinding } from './clock.ts';
import { type Cost, costOf, type Experience, experienceOf } from './cost.ts';
import { inspectDestination } from './inspect-destination.ts';
import { nextStart } from './next-start.ts';
import { roomFinding } from './room.ts';
import { sampleOf } from './sample.ts';

const MOST_SAMPLED = 20;

/** All that was found, in the order in which it is told, and what a run would cost; null when that cannot be told. */
export type Checked = { readonly findings: readonly Finding[]; readonly cost: Cost | null };

/**
 * Tries all that a run of a job needs, and writes nothing: the list, the API with its settings, the destination. It
 * makes a few calls, at the job's rate.
 * @throws {RunRefused} where a run would be before it reads its list
 */
export async function checkJob(job: Job, stop: AbortSignal): Promise<Checked> {
  // A proxy that cannot be used is a fault of the job, for which there is no report.
  proxyOf(job);
  const inspection = await inspectDestination(job);
  const list = await checkList(job, stop);
  const sample = list.users === null ? [] : sampleOf(list.users, MOST_SAMPLED);
  await list.users?.close();
  const api = await checkCalls(job, sample, stop);
  const start = nextStart(job, inspection.last);
  const planned = start.left ?? list.users?.users ?? null;
  const cost = planned === null ? null : costTold(job, planned, api.experience, inspection);
  const findings = [
    list.finding,
    ...api.findings,
    ...inspection.findings,
    start.finding,
    ...(cost === null ? [] : [roomFinding(cost, inspection.freeBytes)]),
  ];
  return { findings, cost };
}

async function checkCalls(
  job: Job,
  sample: readonly string[],
  stop: AbortSignal,
): Promise<{ readonly findings: readonly Finding[]; readonly experience: Experience | null }> {
  let clockFault: string | null = null;
  const client = clientOf(job, (fault) => {
    clockFault = fault;
  });
  const clock = (): Finding => clockFinding(client.clockSkewMs, clockFault);
  try {
    // Any user will do to see whether the settings are right; with a list that cannot be read, the caller's own account.
    const { findings, works } = await checkApi(job, client, sample[0] ?? job.api.identifier, stop);
    if (!works || sample.length === 0) return { findings: [...findings, clock()], experience: null };
    const { finding, experience } = await checkSample(job, client, sample, stop);
    return { findings: [...findings, clock(), finding], experience };
  } catch (error) {
    if (!(error instanceof ApiUnusable)) throw error;
    return {
      findings: [{ subject: 'api', state: 'fail', says: error.message, endsAs: 'api' }],
      experience: null,
    };
  } finally {
    await client.close();
  }
}

function costTold(job: Job, planned: number, sample: Experience | null, inspection: Inspection): Cost {
  const { last, bytesPerConversation } = inspection;
  const users = Math.min(planned, job.run.limit ?? Number.POSITIVE_INFINITY);
  const experience = (last ? experienceOf(last.record.counts) : null) ?? sample;
  return costOf(users, job.pull.rate, experience, bytesPerConversation);
}
