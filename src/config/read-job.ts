import { deepFreeze } from './deep-freeze.ts';
import type { Job } from './model/job.ts';
import { JobError } from './model/job-error.ts';
import { readCaFile } from './settings/ca-file.ts';
import { readCredentials } from './settings/credentials.ts';
import {
  apiAddress,
  checkPrune,
  checkRefused,
  checkResume,
  checkShare,
  ignoredOptions,
  optionName,
  required,
  resolveDestination,
} from './settings/job-rules.ts';
import { proxyFromEnvironment } from './settings/proxy.ts';
import { readPseudonymKey } from './settings/pseudonym-key.ts';
import { pullSettings } from './settings/pull-settings.ts';
import { userSource } from './settings/user-source.ts';
import { checkWatchFiles, openlyPinged, watchSettings } from './settings/watch.ts';
import { type ShownSetting, shownSettings } from './shown-settings.ts';
import { readJobFile } from './sources/job-file.ts';
import type { JobSources } from './sources/job-sources.ts';
import { parseValues } from './sources/parsed-values.ts';
import { collectRaw } from './sources/raw-values.ts';
import { unknownVariables } from './sources/unknown-variables.ts';

/**
 * Merges flags (or a program's options), variables, job file and defaults into one checked, frozen job. The warnings are
 * sentences for the log. The settings are the part of the job that may be shown.
 * @throws JobError with every problem at once
 */
export async function readJob({
  flags,
  code,
  env,
  file,
  cwd,
}: JobSources): Promise<{ job: Job; warnings: string[]; settings: readonly ShownSetting[] }> {
  const jobFile = file === undefined ? undefined : await readJobFile(file, cwd);
  const given = collectRaw({ flags, code, env, file: jobFile, cwd });
  const { values, problems } = parseValues(given);
  const settled = { given, values, report: (problem: string) => void problems.push(problem) };

  const users = userSource(settled, cwd);
  const destination = resolveDestination(settled);
  const address = apiAddress(settled);
  const sdkAppId = required('sdk-app-id', settled);
  const credentials = await readCredentials(settled, env);
  const pseudonymize = await readPseudonymKey(settled);
  const trusted = await readCaFile(settled);
  const proxy = proxyFromEnvironment(env, address.endpoint, settled.report);
  const name = optionName(jobFile, settled);
  checkResume(settled);
  checkPrune(settled);
  checkShare(settled);
  const watch = watchSettings(settled, env);
  if (destination !== undefined) checkWatchFiles(watch, destination, settled);
  checkRefused(['history', 'share'], settled);
  if (!users || !destination || !sdkAppId || !credentials || !name || problems.length > 0) {
    throw new JobError(problems);
  }

  const job: Job = {
    name,
    users,
    destination,
    api: { ...address, sdkAppId, identifier: values.identifier, credentials },
    network: { ...trusted, proxy },
    pull: pullSettings(values),
    rows: {
      unknownItems: values['unknown-items'],
      notInApp: values['not-in-app'],
      prune: values.prune,
      history: values.history,
      pseudonymize,
      dropFreeText: values['drop-free-text'],
    },
    guards: {
      maxFailedUsers: values['max-failed-users'] ?? null,
      maxEmptiedUsers: values['max-emptied-users'],
      maxLostRows: values['max-lost-rows'],
      allowMassDeletion: values['allow-mass-deletion'],
    },
    run: {
      chunkSize: values['chunk-size'],
      limit: values.limit ?? null,
      resumeWithinMs: values['resume-within'],
      maxDurationMs: values['max-duration'] ?? null,
      waitForLockMs: values['wait-for-lock'] ?? null,
      fresh: values.fresh,
      resume: values.resume ?? null,
      migrate: !values['no-migrate'],
      share: values.share,
      keepRuns: values['keep-runs'],
    },
    watch,
    output: {
      json: values.json,
      quiet: values.quiet,
      logLevel: values['log-level'],
      logFormat: values['log-format'],
    },
  };
  return {
    job: deepFreeze(job),
    warnings: [...unknownVariables(env), ...ignoredOptions(settled), ...openlyPinged(settled)],
    settings: shownSettings(given, env),
  };
}
