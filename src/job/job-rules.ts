import { resolveDestination } from './destination.ts';
import type { GivenValues } from './given-values.ts';
import type { Job, RegionName } from './job.ts';
import type { JobFile } from './job-file.ts';
import { jobName, type OptionValues } from './option-values.ts';
import { type OptionName, options, variableOf } from './options.ts';

/** What the rules that span several options look at, and where they report. */
export interface Settled {
  readonly given: GivenValues;
  readonly values: OptionValues;
  readonly report: (problem: string) => void;
}

/** The value of an option that every job needs; undefined when it is missing or could not be read, which is reported. */
export function required<N extends 'users' | 'to' | 'sdk-app-id'>(
  name: N,
  { given, values, report }: Settled,
): OptionValues[N] {
  if (!wasGiven(name, given)) {
    const { placeholder } = options[name];
    report(
      `${name} is missing: give --${name} ${placeholder}, set ${variableOf(name)}, or write ${name}: ${placeholder} in the job file`,
    );
  }
  return values[name];
}

/** The destination with absolute directories. A password may not stand in a flag. */
export function destinationOf(settled: Settled): Job['destination'] | undefined {
  const typed = required('to', settled);
  const given = settled.given.values.get('to');
  if (typed === undefined || given === undefined) return undefined;
  if (typed.kind === 'postgres' && typed.hasPassword && given.source === 'flag') {
    settled.report(
      '--to: every user of this machine can see a password on the command line; put the URL into CHAT_EXPORT_TO, or the password into PGPASSWORD or ~/.pgpass',
    );
  }
  return resolveDestination(typed, settled.values.schema, given.base);
}

/** Exactly one of region and endpoint; one that is a flag beats the other where that is none. */
export function addressOf({ given, values, report }: Settled): {
  region: RegionName | null;
  endpoint: string | null;
} {
  const region = given.values.get('region');
  const endpoint = given.values.get('endpoint');
  if (region && endpoint) {
    const flags = [region, endpoint].filter(({ source }) => source === 'flag');
    if (flags.length === 1) {
      return flags[0] === region
        ? { region: values.region ?? null, endpoint: null }
        : { region: null, endpoint: values.endpoint ?? null };
    }
    report(
      `both a region and an endpoint are given (${region.where} and ${endpoint.where}); keep one of them`,
    );
  } else if (!wasGiven('region', given) && !wasGiven('endpoint', given)) {
    report(
      `the API's address is missing: give --region REGION (${options.region.choices.join(', ')}) or --endpoint URL`,
    );
  }
  return { region: values.region ?? null, endpoint: values.endpoint ?? null };
}

/** The key `name`, else the file's name, else `default`. */
export function nameOf(file: JobFile | undefined, { given, values, report }: Settled): string | undefined {
  if (values.name !== undefined || file === undefined || wasGiven('name', given))
    return values.name ?? 'default';
  const read = jobName.safeParse(file.baseName);
  if (read.success) return read.data;
  report(`${file.shown}: the file's name cannot name the job; give it one with --name or the key name`);
  return undefined;
}

/** --fresh and --resume decide the same question. */
export function checkResume({ given, values, report }: Settled): void {
  if (!values.fresh || values.resume === undefined) return;
  const places = (['fresh', 'resume'] as const).map((name) => given.values.get(name)?.where ?? name);
  report(`${places.join(' and ')} exclude each other; keep one of them`);
}

/** A warning for a flag that the destination has no use for; in a file it may be meant for another destination. */
export function idleOptions({ given, values }: Settled): string[] {
  const schema = given.values.get('schema');
  return values.to?.kind === 'csv' && schema?.source === 'flag'
    ? [`${schema.where} is ignored: csv:DIR has no schema`]
    : [];
}

function wasGiven(name: OptionName, given: GivenValues): boolean {
  return given.values.has(name) || given.refused.has(name);
}
