import { optionNames, secretVariables, variableOf } from './options.ts';
import { shownValue } from './shown-value.ts';
import { didYouMean } from './suggestion.ts';

const known: readonly string[] = [...optionNames.map(variableOf), ...Object.values(secretVariables)];

/** A sentence for each variable that looks like an option and is none; never its value. */
export function unknownVariables(env: Readonly<Record<string, string | undefined>>): string[] {
  return Object.keys(env)
    .filter((name) => name.startsWith('CHAT_EXPORT_') && !known.includes(name))
    .map(
      (name) =>
        `${shownValue(name)} is not a variable of this program and is ignored${didYouMean(name, known)}`,
    );
}
