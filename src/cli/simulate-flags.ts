import { optionDescriptions } from '../simulator/option-descriptions.ts';
import { defaultOptions, type SimulatorOptions } from '../simulator/options.ts';
import type { Flag, Flags } from './flag.ts';

/** The flag of a simulator's option: `pageSize` is `--page-size`. */
export const flagOf = (name: string): string =>
  name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);

/** A key does not belong on a command line, not even a made-up one: `--options FILE` can hold it. */
export const simulatorOptionNames = (Object.keys(defaultOptions) as (keyof SimulatorOptions)[]).filter(
  (name) => name !== 'secretKey',
);

/** One flag for each option of the simulator, its value in YAML; and where the truth goes. */
export function simulateFlags(): Flags {
  const flags: Record<string, Flag> = {
    truth: {
      group: 'Files',
      placeholder: 'DIR',
      describe: 'Write the user list and the true rows into this directory, before serving.',
    },
    options: {
      group: 'Files',
      placeholder: 'FILE',
      describe: 'A YAML or JSON file with options, named as in YAML (pageSize); flags beat it.',
    },
  };
  for (const name of simulatorOptionNames) {
    const value = defaultOptions[name];
    const shown = typeof value === 'string' ? value : JSON.stringify(value);
    flags[flagOf(name)] = { ...optionDescriptions[name], default: shown };
  }
  return flags;
}
