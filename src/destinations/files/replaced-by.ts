import type { RunRecord } from '../contract/destination.ts';
import type { Layout } from './storage/layout.ts';
import { readRecord } from './storage/run-record.ts';

/**
 * The finished run of another job that a run of this job would replace, or null. If the run at work belongs to this job, that run
 * was started with --fresh.
 */
export async function replacedBy({ run, manifest }: Layout, job: string): Promise<RunRecord | null> {
  if ((await readRecord(run.record))?.job === job) return null;
  const published = await readRecord(manifest);
  return published === null || published.job === job ? null : published;
}
