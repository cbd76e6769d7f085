import { fork } from 'node:child_process';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import type { RelayInput } from './relay.ts';

/** A way to the simulator on which each request is delayed by up to so many milliseconds. */
export async function wayWithJitter(
  url: string,
  jitterMs: number,
): Promise<AsyncDisposable & { readonly url: string }> {
  if (jitterMs === 0) return { url, [Symbol.asyncDispose]: async () => {} };
  const relay = fileURLToPath(new URL('relay.ts', import.meta.url));
  const child = fork(relay, { execArgv: ['--import', 'tsx'] });
  const ended = once(child, 'exit');
  const input: RelayInput = { port: Number(new URL(url).port), jitterMs };
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
