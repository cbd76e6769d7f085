import type { Option } from '../model/option.ts';
import { type OptionName, optionNames, options, variableName } from '../model/options.ts';
import { interpolate, variable } from '../parse/interpolation.ts';
import { shownValue } from '../parse/shown-value.ts';
import { type CodeValues, codeName } from './code-options.ts';
import type { JobFile } from './job-file.ts';

/** A value as it was given. */
interface RawValue {
  readonly text: string;
  readonly source: 'flag' | 'code' | 'variable' | 'file';
  /** The beginning of messages: `--rate abc`, `rate=abc`, `CHAT_EXPORT_RATE=abc` or `nightly.yaml:7 (rate): abc`. */
  readonly where: string;
  /** The directory in which a relative path starts. */
  readonly base: string;
}

export interface Sources {
  readonly flags: Readonly<Record<string, unknown>>;
  readonly code?: CodeValues | undefined;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly file: JobFile | undefined;
  readonly cwd: string;
}

export interface RawValues {
  readonly values: ReadonlyMap<OptionName, RawValue>;
  /** Options that were given in an unreadable form: not missing, but without a value. */
  readonly refused: ReadonlySet<OptionName>;
  readonly problems: readonly string[];
  /** Whether another program gave the options: then secrets may be values, and messages name no flags. */
  readonly code: CodeValues | undefined;
}

/** Whether a value was given for this one attempt, and so beats the file and the environment. */
export const isForThisStart = ({ source }: Pick<RawValue, 'source'>): boolean =>
  source === 'flag' || source === 'code';

/**
 * For each option, the value that counts: a flag, or a program's option, beats a variable, and a variable beats the file. A
 * command that needs only some options names them; others are ignored.
 */
export function collectRaw(sources: Sources, names: readonly OptionName[] = optionNames): RawValues {
  const values = new Map<OptionName, RawValue>();
  const refused = new Set([...(sources.file?.refused ?? []), ...(sources.code?.refused ?? [])]);
  const problems = [...(sources.file?.problems ?? []), ...(sources.code?.problems ?? [])];
  for (const name of names) {
    try {
      const given =
        fromFlag(name, sources) ??
        fromCode(name, sources) ??
        fromVariable(name, sources) ??
        fromFile(name, sources);
      if (given) values.set(name, given);
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
      refused.add(name);
      problems.push(error.message);
    }
  }
  return { values, refused, problems, code: sources.code };
}

function fromFlag(name: OptionName, { flags, cwd }: Sources): RawValue | undefined {
  const value = Object.hasOwn(flags, name) ? flags[name] : undefined;
  if (value === undefined) return undefined;
  const { many }: Option = options[name];
  const isList = Array.isArray(value) && value.every((one) => typeof one === 'string' && one !== '');
  if (many && isList) {
    const text = value.join(',');
    return { text, source: 'flag', where: withValue(name, `--${name}`, ' ', text), base: cwd };
  }
  if (Array.isArray(value)) throw new RangeError(`--${name}: given twice; give it once`);
  const isSwitch = options[name].kind === 'boolean';
  if (isSwitch && value === true) return { text: 'true', source: 'flag', where: `--${name}`, base: cwd };
  if (isSwitch && value === false) throw new RangeError(`--${name}: is off unless given; leave it out`);
  if (value === '' || value === true) {
    throw new RangeError(`--${name}: given without a value; write --${name}${isSwitch ? '' : ' VALUE'}`);
  }
  if (typeof value !== 'string' && !Number.isFinite(value)) {
    throw new RangeError(`--${name}: given without a readable value`);
  }
  const text = String(value);
  return { text, source: 'flag', where: withValue(name, `--${name}`, ' ', text), base: cwd };
}

function fromCode(name: OptionName, { code, cwd }: Sources): RawValue | undefined {
  const text = code?.values.get(name);
  if (text === undefined) return undefined;
  return { text, source: 'code', where: withValue(name, codeName(name), '=', text), base: cwd };
}

function fromVariable(name: OptionName, { env, cwd }: Sources): RawValue | undefined {
  const from = variableName(name);
  const text = variable(from, env);
  if (text === '') return undefined;
  return { text, source: 'variable', where: withValue(name, from, '=', text), base: cwd };
}

function fromFile(name: OptionName, { file, env }: Sources): RawValue | undefined {
  const value = file?.values.get(name);
  if (file === undefined || value === undefined) return undefined;
  const place = `${file.shown}:${value.line} (${name})`;
  // The message shows the text of the file and not the variable's content, which may be a secret.
  const where = withValue(name, place, ': ', value.text);
  try {
    return { text: interpolate(value.text, env), source: 'file', where, base: file.dir };
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw new RangeError(`${place}: ${error.message}`, { cause: error });
  }
}

function withValue(name: OptionName, place: string, separator: string, text: string): string {
  // A mistyped database URL may still contain a password, and a ping's URL is all that is needed to ping.
  const mayBeSecret = name === 'to' || name === 'users-db' || name === 'ping';
  return mayBeSecret ? place : `${place}${separator}${shownValue(text)}`;
}
