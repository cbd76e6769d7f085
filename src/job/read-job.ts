import { caFileOf } from './ca-file.ts';
import { credentialsOf } from './credentials.ts';
import { deepFreeze } from './deep-freeze.ts';
import { gatherGiven } from './given-values.ts';
import type { Job } from './job.ts';
import { JobError } from './job-error.ts';
import { readJobFile } from './job-file.ts';
import {
  addressOf,
  checkHistory,
  checkPrune,
  checkResume,
  destinationOf,
  idleOptions,
  nameOf,
  required,
} from './job-rules.ts';
import type { JobSources } from './job-sources.ts';
import { proxyOf } from './proxy.ts';
import { pseudonymKeyOf } from './pseudonym-key.ts';
import { pullSettings } from './pull-settings.ts';
import { settleValues } from './settled-values.ts';
import { type ShownSetting, shownSettings } from './shown-settings.ts';
import { unknownVariables } from './unknown-variables.ts';
import { usersOf } from './user-source.ts';
import { checkWatchFiles, openlyPinged, watchOf } from './watch.ts';

/**
 * Merges flags (or what a program gave), variables, job file and defaults into one checked, frozen job. The warnings are sentences for the log, the
 * settings are what of the job may be shown.
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
  const given = gatherGiven({ flags, code, env, file: jobFile, cwd });
  const { values, problems } = settleValues(given);
  const settled = { given, values, report: (problem: string) => void problems.push(problem) };

  const users = usersOf(settled, cwd);
  const destination = destinationOf(settled);
  const address = addressOf(settled);
  const sdkAppId = required('sdk-app-id', settled);
  const credentials = await credentialsOf(settled, env);
  const pseudonymize = await pseudonymKeyOf(settled);
  const trusted = await caFileOf(settled);
  const proxy = proxyOf(env, address.endpoint, settled.report);
  const name = nameOf(jobFile, settled);
  checkResume(settled);
  checkPrune(settled);
  const watch = watchOf(settled, env);
  if (destination?.kind === 'files') checkWatchFiles(watch, destination.dir, settled);
  checkHistory(settled);
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
      fresh: values.fresh,
      resume: values.resume ?? null,
      migrate: !values['no-migrate'],
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
    warnings: [...unknownVariables(env), ...idleOptions(settled), ...openlyPinged(settled)],
    settings: shownSettings(given, env),
  };
}
