import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { writeTruth } from '../../src/simulator/content/truth.ts';
import {
  defaultOptions,
  type SimulatorOptions,
  type SimulatorPatch,
} from '../../src/simulator/options/options.ts';
import { readOptions } from '../../src/simulator/options/read-options.ts';
import type { Report } from '../../src/simulator/service/call-recorder.ts';
import { startSimulator } from '../../src/simulator/simulator.ts';
import { temporaryDirectory } from './directory.ts';
import { BEFORE_OTHERS, startProgram } from './program.ts';
import { whenOver } from './when-over.ts';

/** The stand-in for the API, on a real socket. */
export interface Simulation {
  readonly url: string;
  /** The file with all user IDs. */
  readonly users: string;
  /** The directory with the true rows of the night it began with. */
  readonly truth: string;
  report(): Promise<Report>;
  change(patch: SimulatorPatch): Promise<void>;
  /** Writes what is true on another night, and gives its directory. */
  truthOfNight(night: number): Promise<string>;
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
  const truth = join(directory, 'truth');
  const url = await (apart ? serveApart(options, directory, truth) : serveHere(options, truth));
  const ask = async (path: string, init?: RequestInit): Promise<Report> => {
    const response = await fetch(`${url}/_simulator/${path}`, init);
    if (!response.ok) throw new Error(await response.text());
    return (await response.json()) as Report;
  };
  return {
    url,
    truth,
    users: join(truth, 'users.txt'),
    report: () => ask('report'),
    change: async (patch) => {
      await ask('options', { method: 'POST', body: JSON.stringify(patch) });
    },
    truthOfNight: async (night) => {
      const place = join(directory, `truth-${night}`);
      await writeTruth(place, { ...options, night });
      return place;
    },
  };
}

async function serveHere(options: Partial<SimulatorOptions>, truth: string): Promise<string> {
  await writeTruth(truth, readOptions(options));
  const simulator = await startSimulator(options);
  whenOver(() => simulator.close());
  return simulator.url;
}

async function serveApart(
  options: Partial<SimulatorOptions>,
  directory: string,
  truth: string,
): Promise<string> {
  const file = join(directory, 'options.json');
  await writeFile(file, JSON.stringify(options));
  const program = startProgram(['simulate', '--options', file, '--truth', truth], { via: BEFORE_OTHERS });
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
