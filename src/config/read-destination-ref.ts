import type { DestinationPlace } from '../destinations/open/kinds.ts';
import { JobError } from './model/job-error.ts';
import { placeOptions } from './model/option-sets.ts';
import type { OptionName } from './model/options.ts';
import { readCaFile } from './settings/ca-file.ts';
import { checkRefused, optionName, resolveDestination } from './settings/job-rules.ts';
import { readJobFile } from './sources/job-file.ts';
import type { JobSources } from './sources/job-sources.ts';
import { parseValues } from './sources/parsed-values.ts';
import { collectRaw } from './sources/raw-values.ts';

/** A place with runs, and the runs that are meant: null is every app, every job. */
export interface DestinationRef {
  readonly destination: DestinationPlace;
  /** Certificates for the connection to it: an absolute path, or null. */
  readonly caFile: string | null;
  readonly sdkAppId: number | null;
  readonly job: string | null;
  readonly maxOutageMs: number;
  /** Whether the runs are shared by several processes. */
  readonly share: boolean;
  readonly json: boolean;
}

/**
 * The settings of commands that read a destination, under the rules of `readJob`. Options other than `names` are ignored. A job
 * file means its own job.
 * @throws JobError with every problem at once
 */
export async function readPlace(
  { flags, env, file, cwd }: JobSources,
  names: readonly OptionName[] = placeOptions,
): Promise<DestinationRef> {
  const jobFile = file === undefined ? undefined : await readJobFile(file, cwd);
  const given = collectRaw({ flags, env, file: jobFile, cwd }, names);
  const { values, problems } = parseValues(given);
  const settled = { given, values, report: (problem: string) => void problems.push(problem) };
  const destination = resolveDestination(settled);
  const { caFile } = await readCaFile(settled);
  checkRefused(['share'], settled);
  const job = jobFile === undefined ? (values.name ?? null) : (optionName(jobFile, settled) ?? null);
  if (destination === undefined || problems.length > 0) throw new JobError(problems);
  const { json, share, 'sdk-app-id': sdkAppId = null, 'max-outage': maxOutageMs } = values;
  return { destination, caFile, sdkAppId, job, maxOutageMs, share, json };
}
