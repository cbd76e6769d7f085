import { relative, resolve } from 'node:path';
import type { WatchSettings } from '../model/job.ts';
import { variableOf } from '../model/options.ts';
import type { ParsedValues } from './job-rules.ts';
import { proxyFromEnvironment } from './proxy.ts';

/** Who is told of a run beside the one who started it. */
export function watchOf(
  { given, values }: ParsedValues,
  env: Readonly<Record<string, string | undefined>>,
): WatchSettings {
  const { ping } = values;
  const absolute = (name: 'report' | 'metrics-file'): string | null => {
    const file = values[name];
    return file === undefined ? null : resolve(given.values.get(name)?.base ?? '', file);
  };
  return {
    report: absolute('report'),
    metricsFile: absolute('metrics-file'),
    // A proxy that cannot be used is told when a ping needs it: it must not keep a job from running.
    ping: ping === undefined ? null : { ...ping, proxy: proxyFromEnvironment(env, ping.shown, () => {}) },
  };
}

/** An export's directory holds its own files and no others: verify tells of any that is not. */
export function checkWatchFiles(
  { report, metricsFile }: WatchSettings,
  directory: string,
  { given, ...settled }: ParsedValues,
): void {
  for (const [name, file] of [
    ['report', report],
    ['metrics-file', metricsFile],
  ] as const) {
    if (file === null || relative(directory, file).startsWith('..')) continue;
    const where = given.values.get(name)?.where ?? name;
    settled.report(`${where}: ${file} is within the export's own directory; choose another path`);
  }
}

/** A warning for a ping's URL where everybody on this machine can read it. */
export function openlyPinged({ given }: ParsedValues): string[] {
  if (given.values.get('ping')?.source !== 'flag') return [];
  return [
    `--ping: every user of this machine can see its URL on the command line; ${variableOf('ping')} keeps it to yourself`,
  ];
}
