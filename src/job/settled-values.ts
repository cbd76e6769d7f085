import type { GivenValues } from './given-values.ts';
import { type OptionValues, optionSchemas } from './option-values.ts';
import { type OptionName, optionNames, options } from './options.ts';

/**
 * Reads the text of every option; defaults come in here and nowhere else. A value that cannot be read becomes a
 * problem, and its default stands in for it so that the remaining rules can be checked as well.
 */
export function settleValues(given: GivenValues): { values: OptionValues; problems: string[] } {
  const problems = [...given.problems];
  const values: Partial<Record<OptionName, unknown>> = {};
  for (const name of optionNames) {
    const one = given.values.get(name);
    const read = one && optionSchemas[name].safeParse(one.text);
    if (read?.success) {
      values[name] = read.data;
      continue;
    }
    if (one && read) {
      problems.push(`${one.where}: ${read.error.issues[0]?.message ?? 'cannot be read'}`);
    }
    const option = options[name];
    if ('default' in option) values[name] = optionSchemas[name].parse(option.default);
  }
  // Each value came out of the schema of its own name.
  return { values: values as OptionValues, problems };
}
