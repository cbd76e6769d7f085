import { spawn } from 'node:child_process';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import { BEFORE_OTHERS } from '../../test/support/before-others.ts';
import type { JitterPhase, RelayInput } from './relay.ts';

/** A way to the simulator on which each request is delayed; without jitter, the direct one. */
export async function wayWithJitter(
  url: string,
  phases: readonly JitterPhase[],
): Promise<AsyncDisposable & { readonly url: string }> {
  if (phases.every(({ jitterMs }) => jitterMs === 0)) return { url, [Symbol.asyncDispose]: async () => {} };
  const relay = fileURLToPath(new URL('relay.ts', import.meta.url));
  const [command = '', ...rest] = [...BEFORE_OTHERS, process.execPath, '--import', 'tsx', relay];
  const child = spawn(command, rest, { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
  const ended = once(child, 'exit');
  const input: RelayInput = { port: Number(new URL(url).port), phases };
  child.send(input);
  const [{ port }] = (await once(child, 'message')) as [AddressInfo];
  return {
    url: `http://127.0.0.1:${port}`,
    [Symbol.asyncDispose]: async () => {
      child.kill('SIGKILL');
      await ended;
    },
  };
}
