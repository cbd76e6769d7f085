import type { SimulatorOption } from './option-kinds.ts';
import { optionTable } from './option-table.ts';
import {
  changeableOptionNames,
  defaultOptions,
  type SimulatorOptionName,
  type SimulatorOptions,
  type SimulatorPatch,
  simulatorOptionNames,
} from './options.ts';
import { hasFields, readValue } from './read-value.ts';
import { shownBriefly, shownName, ValuePlace } from './value-place.ts';

/** Invalid options. The message names every bad field, one a line. */
export class SimulatorOptionsError extends Error {
  override readonly name = 'SimulatorOptionsError';
}

/** Checks options given as JSON and fills in the defaults. Throws {@link SimulatorOptionsError}. */
export const readOptions = (given: unknown): SimulatorOptions => ({
  ...defaultOptions,
  ...readGiven(given, () => true),
});

/** Checks a change given as JSON. Throws {@link SimulatorOptionsError}. */
export const readPatch = (given: unknown): SimulatorPatch =>
  readGiven(given, (name) => changeableOptionNames.includes(name));

function readGiven(
  given: unknown,
  isAllowed: (name: SimulatorOptionName) => boolean,
): Partial<SimulatorOptions> {
  if (!hasFields(given)) {
    throw new SimulatorOptionsError(
      `options: expected an object of option names and values, not ${shownBriefly(given)}`,
    );
  }
  const problems: string[] = [];
  const values: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(given)) {
    if (!isOptionName(name)) problems.push(unknownOption(name));
    else if (!isAllowed(name)) problems.push(fixedOption(name));
    // A key given as undefined must not hide its default.
    else if (value !== undefined) {
      const option: SimulatorOption = optionTable[name];
      values[name] = readValue(option, value, new ValuePlace(name, problems, option));
    }
  }
  if (problems.length > 0) throw new SimulatorOptionsError(problems.join('\n'));
  return values;
}

const isOptionName = (name: string): name is SimulatorOptionName => Object.hasOwn(optionTable, name);

function unknownOption(name: string): string {
  const letters = (text: string): string => text.replaceAll(/[-_ ]/g, '').toLowerCase();
  const meant = simulatorOptionNames.find((one) => letters(one) === letters(name));
  const hint = meant === undefined ? 'see chat-export simulate --help' : `write ${meant}`;
  return `${shownName(name)}: the simulator has no such option; ${hint}`;
}

const fixedOption = (name: string): string =>
  `${name}: cannot change while the simulator runs; change only ${changeableOptionNames.join(', ')}`;
