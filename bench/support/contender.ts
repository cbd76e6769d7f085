import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

export type ContenderOptions = {
  /** The path of its CPU profile; null: none. */
  readonly profiles: string | null;
};

type Reply<Output> = { readonly output: Output } | { readonly error: string };

/**
 * Runs a module that calls `contend` in a fresh process of its own: warm code and a full heap of earlier work have no effect.
 * @throws {Error} with the other process's stack when its work failed
 */
export async function runContender<Input, Output>(
  module: URL,
  input: Input,
  { profiles }: ContenderOptions,
): Promise<Output> {
  const profiling = profiles === null ? [] : ['--cpu-prof', `--cpu-prof-dir=${profiles}`];
  const child = fork(fileURLToPath(module), { execArgv: ['--import', 'tsx', ...profiling] });
  const ended = once(child, 'exit');
  let reply: Reply<Output> | null = null;
  child.on('message', (message) => {
    reply = message as Reply<Output>;
  });
  child.send(input as object);
  const [code, signal] = await ended;
  const last = reply as Reply<Output> | null;
  if (last === null) throw new Error(`${module.pathname} ended (${signal ?? code}) without a result`);
  if ('error' in last) throw new Error(last.error);
  return last.output;
}

/** In that process: does the work with its input, sends the result, and lets the process end. */
export function contend<Input, Output>(work: (input: Input) => Promise<Output>): void {
  process.once('message', async (input) => {
    const reply: Reply<Output> = await work(input as Input).then(
      (output) => ({ output }),
      (error) => ({ error: error instanceof Error ? (error.stack ?? error.message) : String(error) }),
    );
    process.send?.(reply, () => process.disconnect());
  });
}
