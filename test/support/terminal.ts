import { spawn } from 'node:child_process';
import { resolve } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import type { ProgramOptions } from './program.ts';
import { whenOver } from './when-over.ts';

const main = resolve(import.meta.dirname, '../../dist/cli/main.js');

/** The built command on a terminal of its own, with a person who types. */
export interface Terminal {
  /** Types this as soon as the text stands on the screen, beyond where it was seen last. */
  answer(seen: string, typed: string): Promise<void>;
  /** The output on the terminal, and the end of the program. */
  readonly exit: Promise<{ readonly code: number | null; readonly sent: string; readonly text: string }>;
}

export const ENTER = '\r';
export const DOWN = '\u001b[B';
export const CTRL_C = '\u0003';

/** Starts the built command on a pseudo-terminal of 80 columns, which util-linux' `script` makes. */
export function startOnTerminal(
  args: readonly string[],
  { env, cwd }: Pick<ProgramOptions, 'env' | 'cwd'> = {},
): Terminal {
  const { PATH = '', HOME = '' } = process.env;
  const words = [process.execPath, main, ...args].map((word) => `'${word.replaceAll("'", "'\\''")}'`);
  const command = `stty cols 80 rows 40; exec ${words.join(' ')}`;
  const child = spawn('script', ['--quiet', '--return', '--flush', '--command', command, '/dev/null'], {
    cwd,
    env: { PATH, HOME, TERM: 'xterm', SHELL: '/bin/sh', ...env },
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  let sent = '';
  let seenUpTo = 0;
  let look = (): void => {};
  child.stdout.setEncoding('utf8').on('data', (piece: string) => {
    sent += piece;
    look();
  });
  const exit = new Promise<Awaited<Terminal['exit']>>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => {
      resolve({ code, sent, text: stripVTControlCharacters(sent) });
      look();
    });
  });
  whenOver(async () => {
    child.kill('SIGKILL');
    await exit.catch(() => {});
  });
  const answer = (seen: string, typed: string): Promise<void> =>
    new Promise((resolve, reject) => {
      look = () => {
        const at = sent.indexOf(seen, seenUpTo);
        if (at >= 0) {
          seenUpTo = at + seen.length;
          look = () => {};
          child.stdin.write(typed);
          resolve();
        } else if (child.exitCode !== null) {
          reject(new Error(`the terminal ended without showing ${seen}\n${sent}`));
        }
      };
      look();
    });
  return { answer, exit };
}
