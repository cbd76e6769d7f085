import { deepFreeze } from './deep-freeze.ts';
import type { PullJob } from './model/job.ts';
import { JobError } from './model/job-error.ts';
import { readCaFile } from './settings/ca-file.ts';
import { readCredentials } from './settings/credentials.ts';
import { apiAddress, required } from './settings/job-rules.ts';
import { proxyFromEnvironment } from './settings/proxy.ts';
import { pullSettings } from './settings/pull-settings.ts';
import { pullOptionNames } from './sources/code-options.ts';
import { readJobFile } from './sources/job-file.ts';
import type { JobSources } from './sources/job-sources.ts';
import { parseValues } from './sources/parsed-values.ts';
import { collectRaw } from './sources/raw-values.ts';

/** The part of a job that pulling users needs, under the rules of `readJob`. @throws JobError with every problem at once */
export async function readPull({ flags, code, env, file, cwd }: JobSources): Promise<PullJob> {
  const jobFile = file === undefined ? undefined : await readJobFile(file, cwd);
  const given = collectRaw({ flags, code, env, file: jobFile, cwd }, pullOptionNames);
  const { values, problems } = parseValues(given);
  const settled = { given, values, report: (problem: string) => void problems.push(problem) };
  const address = apiAddress(settled);
  const sdkAppId = required('sdk-app-id', settled);
  const credentials = await readCredentials(settled, env);
  const trusted = await readCaFile(settled);
  const proxy = proxyFromEnvironment(env, address.endpoint, settled.report);
  if (!sdkAppId || !credentials || problems.length > 0) throw new JobError(problems);
  return deepFreeze<PullJob>({
    api: { ...address, sdkAppId, identifier: values.identifier, credentials },
    network: { ...trusted, proxy },
    pull: pullSettings(values),
    rows: { unknownItems: values['unknown-items'] },
  });
}
