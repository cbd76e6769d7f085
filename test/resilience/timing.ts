import { setMaxListeners } from 'node:events';

/** A promise that the test settles itself. */
export function deferred<T = void>() {
  let resolve: (value: T) => void = () => {};
  let reject: (reason: unknown) => void = () => {};
  const promise = new Promise<T>((yes, no) => {
    resolve = yes;
    reject = no;
  });
  return { promise, resolve, reject };
}

/** Enough turns of the event loop for everything that needs no time. */
export async function settled(): Promise<void> {
  for (let n = 0; n < 5; n += 1) await new Promise(setImmediate);
}

export const never = new AbortController().signal;
setMaxListeners(0, never);
