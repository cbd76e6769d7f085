import type { DestinationPlace } from '../destinations/open/kinds.ts';
import type { Secret } from '../secrets/secret.ts';
import { JobError } from './model/job-error.ts';
import { eraseOptions } from './model/option-sets.ts';
import { readCaFile } from './settings/ca-file.ts';
import { required, resolveDestination } from './settings/job-rules.ts';
import { readPseudonymKey } from './settings/pseudonym-key.ts';
import { readJobFile } from './sources/job-file.ts';
import type { JobSources } from './sources/job-sources.ts';
import { parseValues } from './sources/parsed-values.ts';
import { collectRaw } from './sources/raw-values.ts';

/** The place of an erasure, and the user's name there. */
export interface Erasure {
  readonly destination: DestinationPlace;
  /** Certificates for the connection to it: an absolute path, or null. */
  readonly caFile: string | null;
  readonly sdkAppId: number;
  /** The key of the pseudonyms in rows; null when rows hold IDs. */
  readonly pseudonymize: Secret | null;
  readonly migrate: boolean;
  readonly keepRuns: number;
  readonly maxOutageMs: number;
  readonly json: boolean;
}

/** The part of a job that an erasure needs, under the rules of `readJob`. @throws JobError with every problem at once */
export async function readErasure({ flags, env, file, cwd }: JobSources): Promise<Erasure> {
  const jobFile = file === undefined ? undefined : await readJobFile(file, cwd);
  const given = collectRaw({ flags, env, file: jobFile, cwd }, eraseOptions);
  const { values, problems } = parseValues(given);
  const settled = { given, values, report: (problem: string) => void problems.push(problem) };
  const destination = resolveDestination(settled);
  const sdkAppId = required('sdk-app-id', settled);
  const { caFile } = await readCaFile(settled);
  const pseudonymize = await readPseudonymKey(settled);
  if (destination === undefined || sdkAppId === undefined || problems.length > 0)
    throw new JobError(problems);
  return {
    destination,
    caFile,
    sdkAppId,
    pseudonymize,
    migrate: !values['no-migrate'],
    keepRuns: values['keep-runs'],
    maxOutageMs: values['max-outage'],
    json: values.json,
  };
}
