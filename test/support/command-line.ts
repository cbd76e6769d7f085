import { Readable, Writable } from 'node:stream';
import { expect } from 'vitest';
import { runCommandLine } from '../../src/cli/command-line.ts';
import type { ProgramOptions, ProgramResult } from './program.ts';

/**
 * The command line in this process, which saves the second that a separate process takes to start. Not for tests of signals,
 * memory, standard input or the end of a process.
 */
export async function runHere(
  args: readonly string[],
  { env, cwd = process.cwd() }: Pick<ProgramOptions, 'env' | 'cwd'> = {},
): Promise<ProgramResult> {
  const { PATH = '', HOME = '' } = process.env;
  const written = { out: '', err: '' };
  const stream = (name: 'out' | 'err') =>
    new Writable({
      write(piece, _, done) {
        written[name] += String(piece);
        done();
      },
    });
  const code = await runCommandLine({
    args,
    env: { PATH, HOME, ...env },
    cwd,
    input: () => Readable.from([]),
    out: stream('out'),
    err: stream('err'),
    onSignal: () => {},
    endNow: (exitCode) => expect.unreachable(`ended at once with ${exitCode}`),
    reraise: (signal) => expect.unreachable(`obeyed ${signal}`),
  });
  return { code, signal: null, stdout: written.out, stderr: written.err };
}
