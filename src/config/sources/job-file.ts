import { basename, dirname, resolve } from 'node:path';
import { JobError } from '../model/job-error.ts';
import { isOptionName, type OptionName, optionNames, options, variableName } from '../model/options.ts';
import { shownValue } from '../parse/shown-value.ts';
import { didYouMean } from '../parse/suggestion.ts';
import { readSmallFile, SmallFileError } from './small-file.ts';
import type { YamlEntry } from './yaml-map.ts';

const largest = 1_048_576;

// Otherwise a wrong file would hide the first mistake among a thousand others.
const mostProblems = 20;

/** A job file with known keys. The values are still text, and may contain `${VARIABLE}`. */
export interface JobFile {
  /** The file as given, for messages. */
  readonly shown: string;
  /** Absolute; the file's relative paths start there. */
  readonly dir: string;
  /** The file's name without extension. */
  readonly baseName: string;
  readonly values: ReadonlyMap<OptionName, { readonly text: string; readonly line: number }>;
  /** Invalid keys, one line each. */
  readonly problems: readonly string[];
  /** Keys among the problems: they were given, so they are not missing. */
  readonly refused: ReadonlySet<OptionName>;
}

/** @throws JobError when the file cannot be read or is not a YAML map */
export async function readJobFile(path: string, cwd: string): Promise<JobFile> {
  const shown = shownValue(path);
  // Imported only for a job file: the YAML library takes a good part of the start-up time.
  const { readYamlMap } = await import('./yaml-map.ts');
  const { entries, problems: faults } = readYamlMap(await readText(resolve(cwd, path), shown));
  if (faults.length > 0) {
    throw new JobError(atMost(faults, ({ line, sentence }) => `${shown}:${line}: ${sentence}`));
  }

  const values = new Map<OptionName, { text: string; line: number }>();
  const refused = new Set<OptionName>();
  const bad: { entry: YamlEntry; sentence: () => string }[] = [];
  for (const entry of entries) {
    const { key, text, line } = entry;
    if (!isOptionName(key)) {
      bad.push({ entry, sentence: () => unknownKey(key) });
    } else if ('file' in options[key]) {
      refused.add(key);
      bad.push({
        entry,
        sentence: () =>
          `is decided for each attempt, not in a job file; use --${key} or ${variableName(key)}`,
      });
    } else if (text === undefined || text === '') {
      refused.add(key);
      bad.push({ entry, sentence: () => 'expected one value; give it one, or remove the line' });
    } else {
      values.set(key, { text, line });
    }
  }
  const problems = atMost(
    bad,
    ({ entry, sentence }) => `${shown}:${entry.line} (${shownValue(entry.key)}): ${sentence()}`,
  );
  const baseName = basename(path).replace(/(?<=.)\.[^.]*$/, '');
  return { shown, dir: dirname(resolve(cwd, path)), baseName, values, problems, refused };
}

async function readText(path: string, shown: string): Promise<string> {
  if (path.includes('\0')) throw new JobError([`${shown}: the job file does not exist`]);
  try {
    return await readSmallFile(path, largest, 'the job file');
  } catch (error) {
    if (!(error instanceof SmallFileError)) throw error;
    throw new JobError([`${shown}: ${error.message}`], error);
  }
}

function unknownKey(key: string): string {
  if (/^(secret-?_?key|user-?_?sig)$/i.test(key)) {
    return 'a job file holds no secrets; name a file with secret-key-file or usersig-file, or set a variable';
  }
  const names = optionNames.filter((name) => !('file' in options[name]));
  return `there is no such key${didYouMean(key, names)}`;
}

function atMost<T>(faults: readonly T[], sentence: (fault: T) => string): string[] {
  const lines = faults.slice(0, mostProblems).map(sentence);
  const more = faults.length - lines.length;
  return more > 0 ? [...lines, `and ${more} more errors like these`] : lines;
}
