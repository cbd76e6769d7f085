import type { Secret } from '../secrets/secret.ts';
import { JobError } from './model/job-error.ts';
import { signerOptions } from './model/option-sets.ts';
import { secretVariables } from './model/options.ts';
import { readCredentials } from './settings/credentials.ts';
import { required } from './settings/job-rules.ts';
import { readJobFile } from './sources/job-file.ts';
import type { JobSources } from './sources/job-sources.ts';
import { parseValues } from './sources/parsed-values.ts';
import { collectRaw } from './sources/raw-values.ts';

/** The account and the credential of a UserSig. */
export interface Signer {
  readonly sdkAppId: number;
  readonly identifier: string;
  readonly secretKey: Secret;
}

/** The part of a job that signing needs, under the rules of `readJob`. @throws JobError with every problem at once */
export async function readSigner({ flags, env, file, cwd }: JobSources): Promise<Signer> {
  const jobFile = file === undefined ? undefined : await readJobFile(file, cwd);
  const given = collectRaw({ flags, env, file: jobFile, cwd }, signerOptions);
  const { values, problems } = parseValues(given);
  const settled = { given, values, report: (problem: string) => void problems.push(problem) };
  const sdkAppId = required('sdk-app-id', settled);
  // A UserSig cannot sign another one, so it is not read.
  const { [secretVariables.userSig]: _, ...withoutUserSig } = env;
  const isGiven = given.values.has('secret-key-file') || given.refused.has('secret-key-file');
  if (!isGiven && !env[secretVariables.secretKey]) {
    settled.report(
      `the secret key is missing: give --secret-key-file FILE, or set ${secretVariables.secretKey}`,
    );
    throw new JobError(problems);
  }
  const credentials = await readCredentials(settled, withoutUserSig);
  if (sdkAppId === undefined || credentials?.kind !== 'secretKey' || problems.length > 0) {
    throw new JobError(problems);
  }
  return { sdkAppId, identifier: values.identifier, secretKey: credentials.secretKey };
}
