import { boundsText, type SimulatorOption } from '../../../simulator/options/option-kinds.ts';
import { optionTable } from '../../../simulator/options/option-table.ts';
import { simulatorOptionNames } from '../../../simulator/options/options.ts';
import type { Flag, Flags } from '../../command/flag.ts';

/** The flag of a simulator's option: `pageSize` is `--page-size`. */
export const simulatorFlag = (name: string): string =>
  name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);

/** A key does not belong on a command line, not even a made-up one: `--options FILE` can contain it. */
export const flaggedOptionNames = simulatorOptionNames.filter((name) => !('secret' in optionTable[name]));

/** One flag for each option of the simulator, with a value in YAML, and the directory for the expected rows. */
export function simulateFlags(): Flags {
  return {
    expected: {
      group: 'Files',
      placeholder: 'DIR',
      describe: 'Write the user list and the expected rows into this directory before serving.',
    },
    options: {
      group: 'Files',
      placeholder: 'FILE',
      describe:
        'Read options from this YAML or JSON file. Write their names as in pageSize. Flags override the file.',
    },
    ...Object.fromEntries(
      flaggedOptionNames.map((name) => [simulatorFlag(name), describedFlag(optionTable[name])]),
    ),
  };
}

function describedFlag(option: SimulatorOption): Flag {
  const { group, placeholder, description, default: value } = option;
  const range = rangeText(option);
  return {
    group,
    placeholder,
    describe: description,
    default: typeof value === 'string' ? value : JSON.stringify(value),
    // Null has no unit.
    ...('unit' in option && value !== null ? { unit: option.unit } : {}),
    ...('choices' in option ? { choices: option.choices.map(String) } : {}),
    ...(range === '' ? {} : { range: option.nullable ? `${range}, or null` : range }),
  };
}

function rangeText(option: SimulatorOption): string {
  switch (option.kind) {
    case 'integer':
    case 'number':
      return boundsText(option);
    case 'share':
      return boundsText({ min: 0, max: 1 });
    case 'range':
      return 'two numbers from 0';
    default:
      return '';
  }
}
