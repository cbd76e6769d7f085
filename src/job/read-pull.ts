import { caFileOf } from './ca-file.ts';
import { pullOptionNames } from './code-options.ts';
import { credentialsOf } from './credentials.ts';
import { deepFreeze } from './deep-freeze.ts';
import { gatherGiven } from './given-values.ts';
import type { PullJob } from './job.ts';
import { JobError } from './job-error.ts';
import { readJobFile } from './job-file.ts';
import { addressOf, required } from './job-rules.ts';
import type { JobSources } from './job-sources.ts';
import { proxyOf } from './proxy.ts';
import { pullSettings } from './pull-settings.ts';
import { settleValues } from './settled-values.ts';

/** What pulling users needs of a job, under the rules of `readJob`. @throws JobError with every problem at once */
export async function readPull({ flags, code, env, file, cwd }: JobSources): Promise<PullJob> {
  const jobFile = file === undefined ? undefined : await readJobFile(file, cwd);
  const given = gatherGiven({ flags, code, env, file: jobFile, cwd }, pullOptionNames);
  const { values, problems } = settleValues(given);
  const settled = { given, values, report: (problem: string) => void problems.push(problem) };
  const address = addressOf(settled);
  const sdkAppId = required('sdk-app-id', settled);
  const credentials = await credentialsOf(settled, env);
  const trusted = await caFileOf(settled);
  const proxy = proxyOf(env, address.endpoint, settled.report);
  if (!sdkAppId || !credentials || problems.length > 0) throw new JobError(problems);
  return deepFreeze<PullJob>({
    api: { ...address, sdkAppId, identifier: values.identifier, credentials },
    network: { ...trusted, proxy },
    pull: pullSettings(values),
    rows: { unknownItems: values['unknown-items'] },
  });
}
