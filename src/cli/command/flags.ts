import type { Option } from '../../config/model/option.ts';
import {
  databaseOptions,
  eraseOptions,
  migrateOptions,
  placeOptions,
  signerOptions,
} from '../../config/model/option-sets.ts';
import { type ListedOption, type OptionName, optionList, options } from '../../config/model/options.ts';
import type { Flag, Flags } from './flag.ts';

/** The flags of `run`: every option of a job. */
export const runFlags = (): Flags => selectFlags(() => true);

/** The flags of commands that need only a database. */
export const destinationFlags = (): Flags =>
  selectFlags((name) => (databaseOptions as readonly OptionName[]).includes(name));

/** The flags of a command that applies migrations. */
export const migrateFlags = (): Flags =>
  selectFlags((name) => (migrateOptions as readonly OptionName[]).includes(name));

/** The flags of commands that read past runs. */
export const placeFlags = (): Flags =>
  selectFlags((name) => (placeOptions as readonly OptionName[]).includes(name));

/** The flags of a command that writes the page of a run. */
export const reportFlags = (): Flags => ({
  ...placeFlags(),
  output: {
    group: 'Output',
    placeholder: 'FILE',
    describe: 'Write the page to this file, which ends in .html. Without it: to standard output.',
  },
});

/** The flags of a command that removes a user. */
export const eraseFlags = (): Flags => ({
  'as-peer': {
    group: 'Scope',
    describe: "Also remove other users' one-to-one conversations with the user, and skip them from now on.",
  },
  'dry-run': { group: 'Scope', describe: 'Count what would be removed; change nothing.' },
  unsuppress: {
    group: 'Scope',
    describe: 'Let later runs pull an erased user again; remove nothing.',
  },
  ...selectFlags((name) => (eraseOptions as readonly OptionName[]).includes(name)),
});

/** The flags of a command that signs. */
export const signerFlags = (): Flags =>
  selectFlags((name) => (signerOptions as readonly OptionName[]).includes(name));

/** Every option that a job file may contain, and the further flags of `init`. */
export const initFlags = (): Flags => ({
  'key-in-variable': {
    group: 'Setup',
    describe: 'Read the secret key from CHAT_EXPORT_SECRET_KEY, not from a file.',
  },
  quota: {
    group: 'Setup',
    placeholder: 'WHOSE',
    describe:
      'Choose --rate and --max-duration for the use of the quota. own: all of it. shared with a back end that calls the ' +
      'same API: half of it, and 6 hours an attempt.',
    choices: ['own', 'shared'],
  },
  check: { group: 'Setup', describe: 'Check the job afterwards, as chat-export check does.' },
  force: { group: 'Setup', describe: 'Overwrite an existing file.' },
  ...selectFlags((name) => isInFile(name)),
});

const isInFile = (name: OptionName): boolean => !('file' in options[name]);

const selectFlags = (isWanted: (name: OptionName) => boolean): Flags =>
  Object.fromEntries(
    optionList.filter(({ name }) => isWanted(name)).map((option) => [option.name, asFlag(option)]),
  );

/** An option of a job as a flag. */
export function asFlag(option: ListedOption): Flag {
  const { group, description, placeholder, file, default: value } = option;
  const range = rangeText(option);
  return {
    group,
    describe: description,
    ...(placeholder === undefined ? {} : { placeholder }),
    ...(value === undefined || option.kind === 'boolean' ? {} : { default: value }),
    ...('unit' in option ? { unit: option.unit } : {}),
    ...('choices' in option ? { choices: option.choices } : {}),
    ...(range === undefined ? {} : { range }),
    ...(file === false ? { isOfStart: true } : {}),
  };
}

function rangeText(option: Option): string | undefined {
  switch (option.kind) {
    case 'whole':
    case 'number': {
      const { min, max, word } = option;
      const from = min.toLocaleString('en');
      const numbers =
        max === Number.MAX_SAFE_INTEGER ? `from ${from}` : `${from} to ${max.toLocaleString('en')}`;
      return word === undefined ? numbers : `${word}, or ${numbers}`;
    }
    case 'duration':
      return option.above === undefined
        ? `${option.min} to ${option.max}`
        : `over ${option.above}, to ${option.max}`;
    default:
      return undefined;
  }
}

export const sqlFlags = (): Flags => ({
  ...destinationFlags(),
  csv: { group: 'Output', describe: 'Print the whole result as CSV, with a header.' },
  json: { group: 'Output', describe: 'Print the whole result as one JSON object a row.' },
});
