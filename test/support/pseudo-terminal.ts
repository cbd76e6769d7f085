import { resolve } from 'node:path';
import { spawn } from '@lydell/node-pty';
import xterm from '@xterm/headless';
import { whenOver } from './when-over.ts';

const main = resolve(import.meta.dirname, '../../dist/cli/main.js');

/** The built command in a terminal of its own. */
export interface TerminalProgram {
  /** All that was printed, control sequences included. */
  readonly printed: string;
  /** The code with which it ended, when all that it printed is on the screen. */
  readonly exit: Promise<number>;
  /** The visible text with everything that has scrolled away: lines without trailing blanks, and none at the end. */
  lines(): string[];
  /** Lines that the terminal has broken, since they were wider than it is. */
  brokenLines(): string[];
  /** Resolves with the visible text when it is as wanted; rejects when the program ends before. */
  until(isAsWanted: (lines: readonly string[]) => boolean): Promise<string[]>;
  /** Typed keys: `\x03` is Ctrl-C. */
  type(keys: string): void;
  resize(columns: number): void;
}

/** Starts the built command in a terminal. If it still runs, it is killed when the test ends. */
export function startInTerminal(
  args: readonly string[],
  { env, columns }: { readonly env: Readonly<Record<string, string>>; readonly columns: number },
): TerminalProgram {
  const { PATH = '', HOME = '' } = process.env;
  const rows = 24;
  const screen = new xterm.Terminal({ cols: columns, rows, scrollback: 10_000, allowProposedApi: true });
  const program = spawn(process.execPath, [main, ...args], {
    name: 'xterm-256color',
    cols: columns,
    rows,
    env: { PATH, HOME, ...env },
  });
  const watchers = new Set<() => void>();
  let printed = '';
  const buffered = () =>
    Array.from({ length: screen.buffer.active.length }, (_, i) => screen.buffer.active.getLine(i));
  const lines = (): string[] =>
    buffered()
      .map((line) => line?.translateToString(true) ?? '')
      .join('\n')
      .trimEnd()
      .split('\n');
  program.onData((text) => {
    printed += text;
    screen.write(text, () => {
      for (const watcher of watchers) watcher();
    });
  });
  let hasEnded = false;
  const exit = new Promise<number>((resolve) => {
    program.onExit(({ exitCode }) => {
      // Earlier output is processed first.
      screen.write('', () => {
        hasEnded = true;
        resolve(exitCode);
        for (const watcher of watchers) watcher();
      });
    });
  });
  whenOver(async () => {
    if (!hasEnded) program.kill('SIGKILL');
    await exit;
  });
  return {
    get printed() {
      return printed;
    },
    exit,
    lines,
    brokenLines: () =>
      buffered().flatMap((line, i, all) =>
        line?.isWrapped ? [`${all[i - 1]?.translateToString()}|${line.translateToString(true)}`] : [],
      ),
    until: (isAsWanted) =>
      new Promise((resolve, reject) => {
        const look = (): void => {
          const seen = lines();
          if (isAsWanted(seen)) resolve(seen);
          else if (hasEnded) reject(new Error(`the program has ended:\n${seen.join('\n')}`));
          else return;
          watchers.delete(look);
        };
        watchers.add(look);
        look();
      }),
    type: (keys) => program.write(keys),
    resize: (to) => {
      screen.resize(to, rows);
      program.resize(to, rows);
    },
  };
}
