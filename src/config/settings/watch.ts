import { relative, resolve } from 'node:path';
import { type DestinationPlace, destinationKind } from '../../destinations/open/kinds.ts';
import type { WatchSettings } from '../model/job.ts';
import { variableName } from '../model/options.ts';
import type { ParsedValues } from './job-rules.ts';
import { proxyFromEnvironment } from './proxy.ts';

/** The reports of a run, apart from its own output. */
export function watchSettings(
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
    // An invalid proxy is reported when a ping needs it: it must not keep a job from running.
    ping: ping === undefined ? null : { ...ping, proxy: proxyFromEnvironment(env, ping.shown, () => {}) },
  };
}

/** An export's directory holds only its own files: verify reports any other. */
export function checkWatchFiles(
  { report, metricsFile }: WatchSettings,
  destination: DestinationPlace,
  { given, ...settled }: ParsedValues,
): void {
  const { ownDirectory } = destinationKind(destination).about(destination);
  if (ownDirectory === null) return;
  for (const [name, file] of [
    ['report', report],
    ['metrics-file', metricsFile],
  ] as const) {
    if (file === null || relative(ownDirectory, file).startsWith('..')) continue;
    const where = given.values.get(name)?.where ?? name;
    settled.report(`${where}: ${file} is within the export's own directory; choose another path`);
  }
}

/** A warning for a ping's URL that every user of this machine can read. */
export function openlyPinged({ given }: ParsedValues): string[] {
  if (given.values.get('ping')?.source !== 'flag') return [];
  return [
    `--ping: every user of this machine can see its URL on the command line; ${variableName('ping')} keeps it to yourself`,
  ];
}
