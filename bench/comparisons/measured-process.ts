import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { open, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { memoryOf } from './process-tree.ts';

export type Measured = {
  readonly seconds: number;
  /** Of the whole tree of processes, user and system; null when it had to be ended. */
  readonly cpuSeconds: number | null;
  readonly peakMiB: number;
  /** Exit code; null when it had to be ended. */
  readonly code: number | null;
  /** The end of its output. */
  readonly lastWords: string;
};

// The shell's own `times` counts every descendant that was waited for, however short its life; sampling would not.
const SHELL = 'cpu=$1; shift; "$@"; code=$?; times > "$cpu"; exit $code';
const SAMPLE_EVERY_MS = 200;
const LAST_WORDS = 1_500;

/**
 * Runs a command to its end, or ends it, with all that it started, after `limitSeconds`. Its output goes to
 * `output.txt` in `directory`, where it also works.
 * @throws the signal's reason, once all is ended
 */
export async function measure(
  command: readonly string[],
  env: Readonly<Record<string, string>>,
  directory: string,
  { limitSeconds, signal }: { readonly limitSeconds: number; readonly signal: AbortSignal },
): Promise<Measured> {
  signal.throwIfAborted();
  const outputFile = join(directory, 'output.txt');
  const cpuFile = join(directory, 'cpu.txt');
  await using output = await open(outputFile, 'w');
  const began = performance.now();
  const child = spawn('bash', ['-c', SHELL, 'bash', cpuFile, ...command], {
    cwd: directory,
    env,
    stdio: ['ignore', output.fd, output.fd],
    // A session of its own, by which its processes are found and ended.
    detached: true,
  });
  const ended = once(child, 'close') as Promise<[number | null]>;
  const session = child.pid ?? 0;
  const end = (): void => {
    process.kill(-session, 'SIGKILL');
  };
  const limit = setTimeout(end, limitSeconds * 1_000);
  signal.addEventListener('abort', end, { once: true });
  let peakMiB = 0;
  let sampling = false;
  const sampler = setInterval(async () => {
    if (sampling) return;
    sampling = true;
    peakMiB = Math.max(peakMiB, await memoryOf(session));
    sampling = false;
  }, SAMPLE_EVERY_MS);
  const [code] = await ended.finally(() => {
    clearTimeout(limit);
    clearInterval(sampler);
    signal.removeEventListener('abort', end);
  });
  signal.throwIfAborted();
  const seconds = (performance.now() - began) / 1_000;
  const written = await readFile(outputFile, 'utf8');
  return {
    seconds,
    cpuSeconds: code === null ? null : cpuIn(await readFile(cpuFile, 'utf8')),
    peakMiB,
    code,
    lastWords: written.slice(-LAST_WORDS),
  };
}

/** The second line of `times`: user and system time of the shell's children, as `1m2.345s 0m0.678s`. */
function cpuIn(times: string): number {
  const line = times.trim().split('\n')[1] ?? '';
  const parts = [...line.matchAll(/(\d+)m([\d.]+)s/g)];
  return parts.reduce((sum, [, minutes, seconds]) => sum + Number(minutes) * 60 + Number(seconds), 0);
}
