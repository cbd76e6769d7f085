import type { Options } from 'yargs';
import { databaseOptions, placeOptions, signerOptions } from '../job/option-sets.ts';
import { type OptionName, optionList } from '../job/options.ts';

type Flags = Record<string, Options>;

/** The flags of `run`: every option of a job. Texts only, and no defaults: both are for the job to decide. */
export const runFlags = (): Flags => flagsOf(() => true);

/** The flags of commands that need a database and nothing else. */
export const destinationFlags = (): Flags =>
  flagsOf((name) => (databaseOptions as readonly OptionName[]).includes(name));

/** The flags of commands that look at what has run. */
export const placeFlags = (): Flags =>
  flagsOf((name) => (placeOptions as readonly OptionName[]).includes(name));

/** The flags of a command that signs. */
export const signerFlags = (): Flags =>
  flagsOf((name) => (signerOptions as readonly OptionName[]).includes(name));

export const sqlFlags = (): Flags => ({
  ...destinationFlags(),
  csv: { group: 'Output:', type: 'boolean', describe: 'Print the whole result as CSV, with a header.' },
  json: { group: 'Output:', type: 'boolean', describe: 'Print the whole result as one JSON object a row.' },
});

function flagsOf(wanted: (name: OptionName) => boolean): Flags {
  const flags: Flags = {};
  for (const option of optionList) {
    if (!wanted(option.name)) continue;
    const hasDefault = option.default !== undefined && option.kind !== 'boolean';
    flags[option.name] = {
      group: `${option.group}:`,
      describe: option.description,
      ...(hasDefault ? { defaultDescription: option.default } : {}),
      // Without requiresArg, `--users -` would be an empty text.
      ...(option.kind === 'boolean' ? { type: 'boolean' } : { type: 'string', requiresArg: true }),
    };
  }
  return flags;
}
