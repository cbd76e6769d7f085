import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import type { Report } from '../../src/simulator/judge.ts';
import type { SimulatorOptions } from '../../src/simulator/options.ts';
import { LineWatch } from '../../test/ground/line-watch.ts';

const program = resolve(import.meta.dirname, '../../dist/cli/main.js');

/** The stand-in for the API, in a process of its own, so that it judges what really arrives. */
export interface Simulation extends AsyncDisposable {
  readonly url: string;
  /** The file with all user IDs. */
  readonly users: string;
  /** The directory with the true rows. */
  readonly truth: string;
  report(): Promise<Report>;
}

export async function startSimulation(
  directory: string,
  options: Partial<SimulatorOptions>,
): Promise<Simulation> {
  const file = join(directory, 'simulator.json');
  const truth = join(directory, 'truth');
  await writeFile(file, JSON.stringify(options));
  const child = spawn(process.execPath, [program, 'simulate', '--options', file, '--truth', truth], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const ended = once(child, 'close');
  const lines = new LineWatch();
  child.stderr.setEncoding('utf8').on('data', lines.source());
  child.once('close', (code) => lines.end(`the simulator ended (${code})`));
  const [, url = ''] = await lines.waitFor(/listening on (\S+),/);
  return {
    url,
    truth,
    users: join(truth, 'users.txt'),
    report: async () => {
      const response = await fetch(`${url}/_simulator/report`);
      return (await response.json()) as Report;
    },
    [Symbol.asyncDispose]: async () => {
      child.kill('SIGKILL');
      await ended;
    },
  };
}
