import { gatherGiven } from './given-values.ts';
import type { JobDestination } from './job.ts';
import { JobError } from './job-error.ts';
import { readJobFile } from './job-file.ts';
import { destinationOf, nameOf } from './job-rules.ts';
import type { OptionName } from './options.ts';
import type { JobSources } from './read-job.ts';
import { settleValues } from './settled-values.ts';

/** The options of commands that look at what has run. */
export const placeOptions = [
  'to',
  'schema',
  'sdk-app-id',
  'name',
  'json',
] as const satisfies readonly OptionName[];

/** Where runs are kept, and whose are meant: null is every app, every job. */
export interface Place {
  readonly destination: JobDestination;
  readonly sdkAppId: number | null;
  readonly job: string | null;
  readonly json: boolean;
}

/**
 * What commands need that look at runs, under the rules of `readJob`; what is given for other options is none of their
 * business. A job file means its own job.
 * @throws JobError with every problem at once
 */
export async function readPlace({ flags, env, file, cwd }: JobSources): Promise<Place> {
  const jobFile = file === undefined ? undefined : await readJobFile(file, cwd);
  const given = gatherGiven({ flags, env, file: jobFile, cwd }, placeOptions);
  const { values, problems } = settleValues(given);
  const settled = { given, values, report: (problem: string) => void problems.push(problem) };
  const destination = destinationOf(settled);
  const job = jobFile === undefined ? (values.name ?? null) : (nameOf(jobFile, settled) ?? null);
  if (destination === undefined || problems.length > 0) throw new JobError(problems);
  return { destination, sdkAppId: values['sdk-app-id'] ?? null, job, json: values.json };
}
