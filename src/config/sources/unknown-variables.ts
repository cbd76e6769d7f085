import { optionNames, secretVariables, variableName } from '../model/options.ts';
import { shownValue } from '../parse/shown-value.ts';
import { suggestion } from '../parse/suggestion.ts';

const prefix = 'CHAT_EXPORT_';
const known: readonly string[] = [...optionNames.map(variableName), ...Object.values(secretVariables)];

/** A sentence for each variable that looks like an option and is none; never its value. */
export function unknownVariables(env: Readonly<Record<string, string | undefined>>): string[] {
  return Object.keys(env)
    .filter((name) => name.startsWith(prefix) && !known.includes(name))
    .map((name) => {
      // Without the common prefix, which would make all names similar.
      const meant = suggestion(
        name.slice(prefix.length),
        known.map((one) => one.slice(prefix.length)),
      );
      const hint = meant === undefined ? '' : `; did you mean ${prefix}${meant}?`;
      return `${shownValue(name)} is not a variable of this program and is ignored${hint}`;
    });
}
