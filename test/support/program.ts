import { type ChildProcess, spawn } from 'node:child_process';
import { resolve } from 'node:path';
import { LineWatch } from './line-watch.ts';
import { whenOver } from './when-over.ts';

const main = resolve(import.meta.dirname, '../../dist/cli/main.js');

export interface ProgramOptions {
  /** Added to PATH and HOME, the only variables taken from outside. */
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
  /** The content of standard input; without it, standard input is empty. */
  readonly input?: string;
  /** Another script than the built command, run with the same Node.js. */
  readonly script?: string;
  /** A command that the program is run by, which ends in `exec`: the process is the program's own. */
  readonly via?: readonly string[];
  /** Run as this account; only root can. */
  readonly account?: { readonly uid: number; readonly gid: number };
}

export interface ProgramResult {
  /** Exit code; null when a signal ended the program. */
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface Program {
  readonly pid: number;
  /** Resolves when the program has ended and its output is whole; never rejects once it started. */
  readonly exit: Promise<ProgramResult>;
  /** The first line of either output that matches, past ones included; rejects when the program ends without one. */
  waitForLine(pattern: RegExp): Promise<RegExpExecArray>;
  /** Sends a signal, SIGTERM by default; without effect on a program that has ended. */
  kill(signal?: NodeJS.Signals): void;
}

/** Runs the built command to its end. With `until`, it gets SIGTERM once a line of its output matches. */
export async function runProgram(
  args: readonly string[],
  options: ProgramOptions & { readonly until?: RegExp } = {},
): Promise<ProgramResult> {
  const program = startProgram(args, options);
  if (options.until) {
    await program.waitForLine(options.until);
    program.kill();
  }
  return await program.exit;
}

/**
 * Starts the built command. If it still runs, it is killed when the test ends; when started outside of a test, after the file's
 * last test.
 */
export function startProgram(args: readonly string[], options: ProgramOptions = {}): Program {
  const { PATH = '', HOME = '' } = process.env;
  const [command = '', ...rest] = [...(options.via ?? []), process.execPath, options.script ?? main, ...args];
  const child = spawn(command, rest, {
    cwd: options.cwd,
    env: { PATH, HOME, ...options.env },
    stdio: ['pipe', 'pipe', 'pipe'],
    ...options.account,
  });
  // A program may end without reading its input.
  child.stdin.on('error', () => {});
  child.stdin.end(options.input ?? '');
  const program = watch(child);
  whenOver(() => end(program));
  return program;
}

function watch(child: ChildProcess): Program {
  const lines = new LineWatch();
  const output = { stdout: '', stderr: '' };
  for (const name of ['stdout', 'stderr'] as const) {
    const add = lines.source();
    child[name]?.setEncoding('utf8').on('data', (text: string) => {
      output[name] += text;
      add(text);
    });
  }
  const exit = new Promise<ProgramResult>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code, signal) => {
      lines.end(`the program ended (${signal ?? code})\n${output.stdout}${output.stderr}`);
      resolve({ code, signal, ...output });
    });
  });
  return {
    pid: child.pid ?? 0,
    exit,
    waitForLine: (pattern) => lines.waitFor(pattern),
    kill: (signal = 'SIGTERM') => {
      child.kill(signal);
    },
  };
}

async function end(program: Program): Promise<void> {
  program.kill('SIGKILL');
  await program.exit.catch(() => {});
}
