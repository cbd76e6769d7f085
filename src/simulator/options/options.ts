import type { OptionValue } from './option-kinds.ts';
import { optionTable } from './option-table.ts';

type Table = typeof optionTable;

export type SimulatorOptionName = keyof Table;

/** All options of the simulator. Shares are fractions of all users, 0 to 1. */
export type SimulatorOptions = { -readonly [N in SimulatorOptionName]: OptionValue<Table[N]> };

type ChangeableName = {
  [N in SimulatorOptionName]: Table[N] extends { mayChange: true } ? N : never;
}[SimulatorOptionName];

/** The options that may change while the simulator runs. */
export type SimulatorPatch = Partial<Pick<SimulatorOptions, ChangeableName>>;

/** All options, in the order of help. */
export const simulatorOptionNames = Object.keys(optionTable) as SimulatorOptionName[];

export const changeableOptionNames = simulatorOptionNames.filter((name) => 'mayChange' in optionTable[name]);

export const defaultOptions = Object.fromEntries(
  simulatorOptionNames.map((name) => [name, optionTable[name].default]),
) as unknown as SimulatorOptions;
