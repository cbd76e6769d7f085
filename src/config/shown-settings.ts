import { destinationKind } from '../destinations/open/kinds.ts';
import { optionList, secretVariables } from './model/options.ts';
import type { OptionValues } from './parse/option-values.ts';
import { shownValue } from './parse/shown-value.ts';
import { readJobFile } from './sources/job-file.ts';
import type { JobSources } from './sources/job-sources.ts';
import { parseValues } from './sources/parsed-values.ts';
import { collectRaw, type RawValues } from './sources/raw-values.ts';

/** An option's value, without its secret parts. */
export type ShownSetting = {
  readonly name: string;
  /** The heading under which `--help` lists it. */
  readonly group: string;
  readonly value: string;
  readonly source: 'flag' | 'code' | 'variable' | 'file' | 'default';
};

/** Every option that has a value, in the order of help. Secrets are only mentioned. */
export const shownSettings = (given: RawValues, env: JobSources['env']): ShownSetting[] => [
  ...shownOptions(given),
  ...shownSecrets(env),
];

/** The settings of a job, also of an invalid or incomplete one. @throws JobError when there is no such file */
export async function readShownSettings({ flags, env, file, cwd }: JobSources): Promise<ShownSetting[]> {
  const jobFile = file === undefined ? undefined : await readJobFile(file, cwd);
  return shownSettings(collectRaw({ flags, env, file: jobFile, cwd }), env);
}

function* shownOptions(given: RawValues): Generator<ShownSetting> {
  const { values } = parseValues(given);
  for (const option of optionList) {
    const { name, group } = option;
    const one = given.values.get(name);
    if (one !== undefined)
      yield { name, group, value: withoutSecrets(name, one.text, values), source: one.source };
    else if (option.default !== undefined) yield { name, group, value: option.default, source: 'default' };
  }
}

/** URLs without password, parameters and, of a ping, path. All other values in the form for messages. */
function withoutSecrets(name: string, text: string, values: OptionValues): string {
  switch (name) {
    case 'to':
    case 'users-db': {
      const typed = values[name];
      return typed === undefined ? '[hidden]' : destinationKind(typed).aboutTyped(typed).shown;
    }
    case 'ping':
      return values.ping === undefined ? '[hidden]' : `${values.ping.shown}/…`;
    default:
      return shownValue(text);
  }
}

function* shownSecrets(env: JobSources['env']): Generator<ShownSetting> {
  for (const name of Object.values(secretVariables)) {
    if (env[name] !== undefined && env[name] !== '') {
      yield { name, group: 'App', value: 'set, not shown', source: 'variable' };
    }
  }
}
