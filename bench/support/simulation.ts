import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, open, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { userId } from '../../src/simulator/content/user-id.ts';
import type { SimulatorOptions } from '../../src/simulator/options/options.ts';
import type { Report } from '../../src/simulator/service/call-recorder.ts';
import { BEFORE_OTHERS } from '../../test/support/before-others.ts';
import { LineWatch } from '../../test/support/line-watch.ts';
import { program } from './program.ts';

/**
 * The simulator of the API, in a process of its own. It runs before other work where it can: on a real line it is another
 * machine, which does not wait for this one.
 */
export interface Simulation extends AsyncDisposable {
  readonly url: string;
  /** The calls since it started, or since `reset`. */
  report(): Promise<Report>;
  reset(): Promise<void>;
}

/**
 * @param expectedDir a directory for the list of its users and their expected rows, which are written first; without it, nothing
 * is written
 */
export async function startSimulation(
  directory: string,
  options: Partial<SimulatorOptions>,
  expectedDir?: string,
): Promise<Simulation> {
  const file = join(await mkdtemp(join(directory, 'simulation-')), 'options.json');
  await writeFile(file, JSON.stringify(options));
  const args = [
    'simulate',
    '--options',
    file,
    ...(expectedDir === undefined ? [] : ['--expected', expectedDir]),
  ];
  const [command = '', ...rest] = [...BEFORE_OTHERS, process.execPath, program, ...args];
  const child = spawn(command, rest, { stdio: ['ignore', 'ignore', 'pipe'] });
  const ended = once(child, 'close');
  const lines = new LineWatch();
  child.stderr.setEncoding('utf8').on('data', lines.source());
  child.once('close', (code) => lines.end(`the simulator ended (${code})`));
  const [, url = ''] = await lines.waitFor(/listening on (\S+),/);
  const ask = async (path: string, method: 'GET' | 'POST'): Promise<Report> => {
    const response = await fetch(`${url}/_simulator/${path}`, { method });
    if (!response.ok) throw new Error(await response.text());
    return (await response.json()) as Report;
  };
  return {
    url,
    report: () => ask('report', 'GET'),
    reset: async () => {
      await ask('reset', 'POST');
    },
    [Symbol.asyncDispose]: async () => {
      child.kill('SIGKILL');
      await ended;
    },
  };
}

/** Writes the list of a simulation's users, and returns its path. @param share of odd IDs */
export async function writeUsers(directory: string, users: number, share: number): Promise<string> {
  const path = join(await mkdtemp(join(directory, 'users-')), 'users.txt');
  await using file = await open(path, 'w');
  const LINES_AT_ONCE = 10_000;
  for (let from = 0; from < users; from += LINES_AT_ONCE) {
    const count = Math.min(LINES_AT_ONCE, users - from);
    await file.appendFile(Array.from({ length: count }, (_, i) => `${userId(from + i, share)}\n`).join(''));
  }
  return path;
}
