import type { TypedFacts } from '../../destinations/contract/kind.ts';
import { destinationKind, type TypedDestination } from '../../destinations/open/kinds.ts';
import type { Job, RegionName } from '../model/job.ts';
import { type OptionName, options, variableName } from '../model/options.ts';
import { type OptionValues, readJobName } from '../parse/option-values.ts';
import { codeName } from '../sources/code-options.ts';
import type { JobFile } from '../sources/job-file.ts';
import { isForThisStart, type RawValues } from '../sources/raw-values.ts';

/** The input of rules that span several options, and the place for their problems. */
export interface ParsedValues {
  readonly given: RawValues;
  readonly values: OptionValues;
  readonly report: (problem: string) => void;
}

/** The value of an option that every job needs; undefined when it is missing or invalid, which is reported. */
export function required<N extends 'to' | 'sdk-app-id'>(
  name: N,
  { given, values, report }: ParsedValues,
): OptionValues[N] {
  if (!wasGiven(name, given)) {
    const { placeholder } = options[name];
    report(
      given.code === undefined
        ? `${name} is missing: give --${name} ${placeholder}, set ${variableName(name)}, or write ${name}: ${placeholder} in the job file`
        : `${codeName(name)} is missing: give it as an option, or write ${name}: ${placeholder} in the job file`,
    );
  }
  return values[name];
}

/** The destination with absolute directories. A password may not be in a flag. */
export function resolveDestination(settled: ParsedValues): Job['destination'] | undefined {
  const typed = required('to', settled);
  const given = settled.given.values.get('to');
  if (typed === undefined || given === undefined) return undefined;
  checkPassword('to', typed, settled);
  return destinationKind(typed).resolve(typed, settled.values, given.base);
}

/** Every user of this machine can read a flag. */
export function checkPassword(
  name: 'to' | 'users-db',
  typed: TypedDestination,
  { given, report }: ParsedValues,
): void {
  if (!aboutTyped(typed).hasPassword || given.values.get(name)?.source !== 'flag') return;
  report(
    `--${name}: every user of this machine can see a password on the command line; put the URL into ${variableName(name)}, or the password into PGPASSWORD or ~/.pgpass`,
  );
}

/** Exactly one of region and endpoint. */
export function apiAddress(settled: ParsedValues): { region: RegionName | null; endpoint: string | null } {
  const { values } = settled;
  const one = chooseBetween('region', 'endpoint', 'a region and an endpoint', settled);
  if (one === 'neither') {
    const regions = options.region.choices.join(', ');
    settled.report(
      settled.given.code === undefined
        ? `the API's address is missing: give --region REGION (${regions}) or --endpoint URL`
        : `the API's address is missing: give the option region (${regions}) or endpoint`,
    );
  }
  return {
    region: one === 'endpoint' ? null : (values.region ?? null),
    endpoint: one === 'region' ? null : (values.endpoint ?? null),
  };
}

/**
 * The one of two mutually exclusive options that counts: a flag beats a value from elsewhere; other pairs are reported.
 * `neither`: none was given; undefined: none is valid, which is reported already.
 */
export function chooseBetween<A extends OptionName, B extends OptionName>(
  a: A,
  b: B,
  both: string,
  { given, report }: ParsedValues,
): A | B | 'neither' | undefined {
  const [first, second] = [given.values.get(a), given.values.get(b)];
  if (first && second) {
    const flags = [first, second].filter(isForThisStart);
    if (flags.length === 1) return flags[0] === first ? a : b;
    report(`both ${both} are given (${first.where} and ${second.where}); keep one of them`);
    return undefined;
  }
  if (first) return a;
  if (second) return b;
  return wasGiven(a, given) || wasGiven(b, given) ? undefined : 'neither';
}

/** The key `name`, otherwise the file's name, otherwise `default`. */
export function optionName(
  file: JobFile | undefined,
  { given, values, report }: ParsedValues,
): string | undefined {
  if (values.name !== undefined || file === undefined || wasGiven('name', given))
    return values.name ?? 'default';
  try {
    return readJobName(file.baseName);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    report(`${file.shown}: the file's name cannot name the job; give it one with --name or the key name`);
    return undefined;
  }
}

/** --fresh and --resume decide the same question. */
export function checkResume({ given, values, report }: ParsedValues): void {
  if (!values.fresh || values.resume === undefined) return;
  const places = (['fresh', 'resume'] as const).map((name) => given.values.get(name)?.where ?? name);
  report(`${places.join(' and ')} exclude each other; keep one of them`);
}

/** A part of the list cannot show which users are missing from it. */
export function checkPrune({ given, values, report }: ParsedValues): void {
  if (!values.prune || values.limit === undefined) return;
  const places = (['prune', 'limit'] as const).map((name) => given.values.get(name)?.where ?? name);
  report(`${places.join(' and ')} exclude each other; keep one of them`);
}

/** Every process of a shared run is started with the same job, and any of them may be the one that reads the list. */
export function checkShare({ given, values, report }: ParsedValues): void {
  if (!values.share) return;
  const where = (name: 'share' | 'users' | 'resume' | 'wait-for-lock'): string =>
    given.values.get(name)?.where ?? name;
  if (values.users === '-') {
    report(
      `${where('share')}: standard input belongs to one process, and any process may have to read the list; ` +
        'name a file that all of them can read, or use --users-sql',
    );
  }
  if (values.resume !== undefined) {
    report(
      `${where('share')} and ${where('resume')} exclude each other: a process that comes later would end the run that the ` +
        'others have resumed; leave out --resume and raise --resume-within, or resume the run with one process',
    );
  }
  if (values['wait-for-lock'] !== undefined) {
    report(
      `${where('share')} and ${where('wait-for-lock')} exclude each other: processes with --share join the run at work and do ` +
        'not wait for it; keep one of them',
    );
  }
}

/** Options that the destination cannot meet: rows that should be kept must not be lost silently. */
export function checkRefused(
  names: readonly (keyof TypedFacts['refused'])[],
  { given, values, report }: ParsedValues,
): void {
  if (values.to === undefined) return;
  const { refused } = aboutTyped(values.to);
  for (const name of names) {
    if (refused[name] === undefined || !values[name]) continue;
    report(`${given.values.get(name)?.where ?? name}: ${refused[name]}`);
  }
}

/** A warning for a flag that the destination ignores. In a file, the option may be meant for another destination. */
export function ignoredOptions({ given, values }: ParsedValues): string[] {
  const ignored = values.to === undefined ? {} : aboutTyped(values.to).ignored;
  return Object.entries(ignored).flatMap(([name, why]) => {
    const one = given.values.get(name as keyof typeof ignored);
    return one && isForThisStart(one) ? [`${one.where} is ignored: ${why}`] : [];
  });
}

const aboutTyped = (typed: TypedDestination): TypedFacts => destinationKind(typed).aboutTyped(typed);

export function wasGiven(name: OptionName, given: RawValues): boolean {
  return given.values.has(name) || given.refused.has(name);
}
