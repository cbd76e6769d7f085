import { resolve } from 'node:path';
import { JobError } from '../config/model/job-error.ts';
import type { OptionName } from '../config/model/options.ts';
import { readCodeOptions } from '../config/sources/code-options.ts';
import type { JobSources } from '../config/sources/job-sources.ts';
import type { JobPlace } from './options.ts';

/**
 * The sources of a job whose options come from another program.
 * @throws {JobError} when there are no options, or the job file or the environment is invalid
 */
export function jobSources(options: JobPlace, names: readonly OptionName[]): JobSources {
  if (typeof options !== 'object' || options === null) {
    throw new JobError(['options: expected an object, such as { region, sdkAppId, secretKeyFile }']);
  }
  const { jobFile, env = {}, ...given } = options;
  if (jobFile !== undefined && (typeof jobFile !== 'string' || jobFile === '')) {
    throw new JobError(['jobFile: expected the path of a job file']);
  }
  if (typeof env !== 'object' || env === null) {
    throw new JobError(['env: expected an object of variables, such as process.env']);
  }
  return { flags: {}, code: readCodeOptions(given, names), env, file: jobFile, cwd: resolve() };
}
