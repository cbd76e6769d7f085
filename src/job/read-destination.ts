import { gatherGiven } from './given-values.ts';
import type { Job } from './job.ts';
import { JobError } from './job-error.ts';
import { destinationOf } from './job-rules.ts';
import type { JobSources } from './read-job.ts';
import { settleValues } from './settled-values.ts';

/**
 * The destination alone, for commands that need nothing else of a job, under the rules of `readJob`.
 * @throws JobError with every problem at once
 */
export function readDestination({ flags, env, cwd }: Omit<JobSources, 'file'>): Job['destination'] {
  const given = gatherGiven({ flags, env: pick(env), file: undefined, cwd });
  const { values, problems } = settleValues(given);
  const destination = destinationOf({ given, values, report: (problem) => void problems.push(problem) });
  if (destination === undefined || problems.length > 0) throw new JobError(problems);
  return destination;
}

/** Variables of other options are none of this command's business. */
const pick = ({ CHAT_EXPORT_TO, CHAT_EXPORT_SCHEMA }: JobSources['env']): JobSources['env'] => ({
  CHAT_EXPORT_TO,
  CHAT_EXPORT_SCHEMA,
});
