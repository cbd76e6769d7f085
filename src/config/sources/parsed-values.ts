import { type OptionName, optionNames, options } from '../model/options.ts';
import { type OptionValues, readOption } from '../parse/option-values.ts';
import type { RawValues } from './raw-values.ts';

/**
 * Reads the text of every option. Defaults come in here and nowhere else. An invalid value becomes a problem, and its default
 * replaces it so that the remaining rules can be checked, too.
 */
export function parseValues(given: RawValues): { values: OptionValues; problems: string[] } {
  const problems = [...given.problems];
  const values: Partial<Record<OptionName, unknown>> = {};
  for (const name of optionNames) {
    const one = given.values.get(name);
    try {
      if (one) {
        values[name] = readOption[name](one.text);
        continue;
      }
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
      problems.push(`${one?.where}: ${error.message}`);
    }
    const option = options[name];
    if ('default' in option) values[name] = readOption[name](option.default);
  }
  // Each value came from the reader of its own name.
  return { values: values as OptionValues, problems };
}
