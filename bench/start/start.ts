import { spawnSync } from 'node:child_process';
import { mkdtemp } from 'node:fs/promises';
import { join } from 'node:path';
import type { Bench } from '../bench.ts';
import { inTurn } from '../in-turn.ts';
import type { Figure } from '../report/figure.ts';
import { median, ratioOf } from '../statistics.ts';
import { program, variablesFor } from '../support/program.ts';
import { startSimulation, writeUsers } from '../support/simulation.ts';

export const start: Bench = {
  name: 'start',
  summary: 'the time of `chat-export --help`, and of a run of one user, against `node -e 0`',
  run: async ({ quick, directory, say }) => {
    const list = await writeUsers(directory, 1, 0);
    await using simulation = await startSimulation(directory, { users: 1 });
    const oneUser = async (): Promise<number> => {
      const to = join(await mkdtemp(join(directory, 'start-')), 'export');
      const args = ['run', '--users', list, '--endpoint', simulation.url, '--quiet'];
      return secondsOf([program, ...args], variablesFor(`csv:${to}`));
    };
    const { node, help, one } = await inTurn<'node' | 'help' | 'one', number>(
      {
        node: async () => secondsOf(['-e', '0']),
        help: async () => secondsOf([program, '--help']),
        one: oneUser,
      },
      quick ? 3 : 31,
      (text) => say(text),
    );
    const figure = (what: string, readings: number[], reach: Figure['reach']): Figure => ({
      what,
      against: '`node -e 0`',
      unit: 'ratio',
      value: ratioOf(readings, node, (seconds) => seconds),
      reach,
      detail: `${millis(readings)} against ${millis(node)} ms`,
    });
    return {
      figures: [
        figure('time of `chat-export --help`', help, { most: 3 }),
        figure('time of a run of one user into CSV', one, null),
      ],
    };
  },
};

const millis = (readings: readonly number[]): string => Math.round(median(readings) * 1000).toString();

/** How long Node.js takes from its start to its end. @throws {Error} with its output when it fails */
function secondsOf(args: readonly string[], env: Readonly<Record<string, string>> = {}): number {
  const { PATH = '', HOME = '' } = process.env;
  const began = performance.now();
  const { status, stderr } = spawnSync(process.execPath, args, {
    env: { PATH, HOME, ...env },
    stdio: ['ignore', 'ignore', 'pipe'],
    encoding: 'utf8',
  });
  const seconds = (performance.now() - began) / 1000;
  if (status !== 0) throw new Error(`node ${args.join(' ')} ended with ${status}: ${stderr}`);
  return seconds;
}
