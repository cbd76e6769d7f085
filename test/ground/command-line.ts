import { Readable, Writable } from 'node:stream';
import { expect } from 'vitest';
import { runCommandLine } from '../../src/cli/command-line.ts';
import type { ProgramResult } from './program.ts';

/**
 * The command line itself, in this process: for what is wrong before anything is opened, in a tenth of the time that a
 * process of its own takes.
 */
export async function runHere(
  args: readonly string[],
  { env, cwd }: { readonly env: Readonly<Record<string, string>>; readonly cwd: string },
): Promise<ProgramResult> {
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
    env,
    cwd,
    input: () => Readable.from([]),
    out: stream('out'),
    err: stream('err'),
    onSignal: () => {},
    endNow: (exitCode) => expect.unreachable(`ended at once with ${exitCode}`),
    obey: (signal) => expect.unreachable(`obeyed ${signal}`),
  });
  return { code, signal: null, stdout: written.out, stderr: written.err };
}
