import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { writeExpected } from '../../src/simulator/content/expected-files.ts';
import {
  defaultOptions,
  type SimulatorOptions,
  type SimulatorPatch,
} from '../../src/simulator/options/options.ts';
import { readOptions } from '../../src/simulator/options/read-options.ts';
import type { Report } from '../../src/simulator/service/call-recorder.ts';
import { startSimulator } from '../../src/simulator/simulator.ts';
import { BEFORE_OTHERS } from './before-others.ts';
import { temporaryDirectory } from './directory.ts';
import { startProgram } from './program.ts';
import { whenOver } from './when-over.ts';

/** The stand-in for the API, on a real socket. */
export interface Simulation {
  readonly url: string;
  /** The file with all user IDs. */
  readonly users: string;
  /** The directory with the expected rows of the day it began with. */
  readonly expectedDir: string;
  report(): Promise<Report>;
  change(patch: SimulatorPatch): Promise<void>;
  /** Writes the expected rows of another day, and returns their directory. */
  expectedDirOnDay(day: number): Promise<string>;
}

// A call costs a test a millisecond. The simulator's own pages are smaller, and users then have many.
const FEWER_CALLS: Partial<SimulatorOptions> = { pageSize: 20 };

/**
 * Starts a simulation that ends with its test, or, made outside of a test, with its file. It serves from the process of
 * the test, which waits meanwhile; `apart` gives it one of its own, for a judgment of milliseconds.
 */
export async function startSimulation(
  given: Partial<SimulatorOptions>,
  { apart = false }: { readonly apart?: boolean } = {},
): Promise<Simulation> {
  const options = { ...FEWER_CALLS, ...given };
  const directory = await temporaryDirectory();
  const expectedDir = join(directory, 'expected');
  const url = await (apart ? serveApart(options, directory, expectedDir) : serveHere(options, expectedDir));
  const ask = async (path: string, init?: RequestInit): Promise<Report> => {
    const response = await fetch(`${url}/_simulator/${path}`, init);
    if (!response.ok) throw new Error(await response.text());
    return (await response.json()) as Report;
  };
  return {
    url,
    expectedDir,
    users: join(expectedDir, 'users.txt'),
    report: () => ask('report'),
    change: async (patch) => {
      await ask('options', { method: 'POST', body: JSON.stringify(patch) });
    },
    expectedDirOnDay: async (day) => {
      const place = join(directory, `expected-${day}`);
      await writeExpected(place, { ...options, day });
      return place;
    },
  };
}

async function serveHere(options: Partial<SimulatorOptions>, expectedDir: string): Promise<string> {
  await writeExpected(expectedDir, readOptions(options));
  const simulator = await startSimulator(options);
  whenOver(() => simulator.close());
  return simulator.url;
}

async function serveApart(
  options: Partial<SimulatorOptions>,
  directory: string,
  expectedDir: string,
): Promise<string> {
  const file = join(directory, 'options.json');
  await writeFile(file, JSON.stringify(options));
  const program = startProgram(['simulate', '--options', file, '--expected', expectedDir], {
    via: BEFORE_OTHERS,
  });
  const [, url = ''] = await program.waitForLine(/listening on (\S+),/);
  return url;
}

/** The simulator's key, which the vendor's own README publishes as a sample. */
export const SECRET_KEY = defaultOptions.secretKey;

/** The arguments and variables of a run against a simulation; `to` goes into a variable, as a URL with a password must. */
export function runAgainst(
  simulation: Simulation,
  to: string,
  ...more: readonly string[]
): { readonly args: readonly string[]; readonly env: Readonly<Record<string, string>> } {
  return {
    args: [
      'run',
      ...['--users', simulation.users, '--endpoint', simulation.url],
      ...['--sdk-app-id', String(defaultOptions.sdkAppId), '--log-level', 'debug', ...more],
    ],
    env: { CHAT_EXPORT_TO: to, CHAT_EXPORT_SECRET_KEY: SECRET_KEY },
  };
}
