import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { defaultOptions } from '../../src/simulator/options/options.ts';

const preload = new URL('report-usage.js', import.meta.url).href;

/** The built command. */
export const program = resolve(import.meta.dirname, '../../dist/cli/main.js');

/** The result of a whole run of the program. */
export type RunOfProgram = {
  readonly seconds: number;
  readonly cpuSeconds: number;
  readonly peakMiB: number;
  readonly code: number | null;
  /** The output of `--json`. */
  readonly summary: unknown;
};

export type ProgramOptions = {
  /** The file for the used resources. */
  readonly directory: string;
  /** Modules to import before the program starts, with the variables that they read. */
  readonly preload?: { readonly module: URL; readonly env: Readonly<Record<string, string>> };
};

/** Variables for a run against a simulation; `to` may be a URL with a password. */
export const variablesFor = (to: string): Record<string, string> => ({
  CHAT_EXPORT_TO: to,
  CHAT_EXPORT_SECRET_KEY: defaultOptions.secretKey,
  CHAT_EXPORT_SDK_APP_ID: String(defaultOptions.sdkAppId),
});

/**
 * Runs `chat-export run` to its end.
 * @param codes the expected exit codes
 * @throws {Error} with its output when it ended with another one
 */
export async function runProgram(
  args: readonly string[],
  to: string,
  codes: readonly number[],
  options: ProgramOptions,
): Promise<RunOfProgram> {
  const usageFile = join(await mkdtemp(join(options.directory, 'usage-')), 'usage.json');
  const modules = [preload, ...(options.preload ? [options.preload.module.href] : [])];
  const { PATH = '', HOME = '' } = process.env;
  const began = performance.now();
  const child = spawn(process.execPath, [program, 'run', '--json', ...args], {
    env: {
      PATH,
      HOME,
      ...variablesFor(to),
      ...options.preload?.env,
      NODE_OPTIONS: modules.map((module) => `--import=${module}`).join(' '),
      BENCH_USAGE_FILE: usageFile,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const output = { stdout: '', stderr: '' };
  for (const name of ['stdout', 'stderr'] as const) {
    child[name].setEncoding('utf8').on('data', (text: string) => {
      output[name] += text;
    });
  }
  const [code] = (await once(child, 'close')) as [number | null];
  const seconds = (performance.now() - began) / 1000;
  if (code === null || !codes.includes(code)) {
    throw new Error(`chat-export run ended with ${code}:\n${output.stderr.slice(-2_000)}`);
  }
  const usage = JSON.parse(await readFile(usageFile, 'utf8')) as { peakMiB: number; cpuSeconds: number };
  return { seconds, code, ...usage, summary: output.stdout === '' ? null : JSON.parse(output.stdout) };
}
