import type { ApiCredentials } from '../model/job.ts';
import type { Option } from '../model/option.ts';
import { type OptionName, optionNames, options } from '../model/options.ts';
import { didYouMean } from '../parse/suggestion.ts';

/** Options from another program: each as a person would have typed it, and secrets unchanged. */
export interface CodeValues {
  readonly values: ReadonlyMap<OptionName, string>;
  readonly secrets: Readonly<Partial<Record<ApiCredentials['kind'], string>>>;
  /** Invalid options, one line each, and their names. No line repeats a value. */
  readonly problems: readonly string[];
  readonly refused: ReadonlySet<OptionName>;
}

/** The names of secrets in programs. The command has only files and variables for them. */
export const codeSecrets = { secretKey: 'secretKey', userSig: 'usersig' } as const satisfies Record<
  ApiCredentials['kind'],
  string
>;

/** `rate-margin` to `rateMargin`: the name of an option in programs. */
export const codeName = (name: OptionName): string =>
  name.replaceAll(/-([a-z])/g, (_, letter: string) => letter.toUpperCase());

/** Options for the command's display, or for reports of a run. */
const ofCommandAlone: ReadonlySet<string> = new Set(['Monitoring', 'Output']);

/** The options of a program for a whole run. */
export const exportOptionNames: readonly OptionName[] = optionNames.filter(
  (name) => !ofCommandAlone.has(options[name].group),
);

const ofPull: ReadonlySet<string> = new Set(['App', 'Network', 'API calls']);

/** The options of a program for pulling users without a run. */
export const pullOptionNames: readonly OptionName[] = optionNames.filter(
  (name) => ofPull.has(options[name].group) || name === 'unknown-items',
);

/**
 * Reads an object of options. A key with the value undefined is missing.
 * @param given the object without keys that are not options of a job, such as the job file
 */
export function readCodeOptions(
  given: Readonly<Record<string, unknown>>,
  names: readonly OptionName[],
): CodeValues {
  const byCodeName = new Map(names.map((name) => [codeName(name), name]));
  const secretKinds = new Map(Object.entries(codeSecrets).map(([kind, name]) => [name as string, kind]));
  const values = new Map<OptionName, string>();
  const secrets: Partial<Record<string, string>> = {};
  const problems: string[] = [];
  const refused = new Set<OptionName>();
  for (const [key, value] of Object.entries(given)) {
    if (value === undefined) continue;
    const kind = secretKinds.get(key);
    const name = byCodeName.get(key);
    if (kind !== undefined) {
      // An empty one reaches the check of secrets, which reports it.
      if (typeof value === 'string') secrets[kind] = value;
      else problems.push(`${key}: expected a string, not ${valueKind(value)}`);
    } else if (name === undefined) {
      problems.push(
        `${JSON.stringify(key.slice(0, 60))}: there is no such option${didYouMean(key, [...byCodeName.keys(), ...secretKinds.keys()])}`,
      );
    } else {
      const text = typedText(name, value);
      if (text !== null) {
        values.set(name, text);
        continue;
      }
      refused.add(name);
      problems.push(`${key}: expected ${expected(name)}, not ${valueKind(value)}`);
    }
  }
  return { values, secrets, problems, refused };
}

/** The value as a person would type it; null when it has the wrong type. */
function typedText(name: OptionName, value: unknown): string | null {
  switch (name) {
    case 'retry-failed':
      return typeof value === 'number' || value === 'last' ? String(value) : null;
    case 'code':
      return Array.isArray(value) && value.length > 0 && value.every(Number.isSafeInteger)
        ? value.join(',')
        : null;
    default:
  }
  const option: Option = options[name];
  switch (option.kind) {
    case 'boolean':
      return typeof value === 'boolean' ? String(value) : null;
    case 'whole':
    case 'number':
      return typeof value === 'number' || (value !== undefined && value === option.word)
        ? String(value)
        : null;
    case 'duration':
      return typeof value === 'number' ? `${value}ms` : typeof value === 'string' ? value : null;
    case 'share-or-number':
      return typeof value === 'number' || typeof value === 'string' ? String(value) : null;
    default:
      return typeof value === 'string' ? value : null;
  }
}

function expected(name: OptionName): string {
  if (name === 'retry-failed') return "the number of a run, or 'last'";
  if (name === 'code') return 'an array of whole numbers';
  const what = {
    boolean: 'true or false',
    whole: 'a number',
    number: 'a number',
    duration: "milliseconds as a number, or a string such as '90s'",
    'share-or-number': "a number, or a string such as '2%'",
    share: "a string such as '5%'",
    choice: 'a string',
    text: 'a string',
    path: 'a string',
  };
  const option: Option = options[name];
  const word = 'word' in option && option.word !== undefined ? `, or '${option.word}'` : '';
  return what[option.kind] + word;
}

const valueKind = (value: unknown): string =>
  value === null ? 'null' : Array.isArray(value) ? 'this array' : `a ${typeof value}`;
