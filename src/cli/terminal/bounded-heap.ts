import { setFlagsFromString } from 'node:v8';

// MiB of each half of V8's space for new objects, which newer releases let grow much further. 24 users of 6,000 conversations
// with pages of 1,000 took 380 MiB on Node.js 24 without a bound, 266 with 16, 257 with 8, and 235 to 257 with 4.
const NEW_SPACE = '--max-semi-space-size=4';

/** `process.execve` of Node.js 22.15 and later: the same process becomes another program. */
type Execve = (file: string, args: readonly string[], env: NodeJS.ProcessEnv) => void;

/**
 * Starts this process again with a bounded space for new objects, which V8 reads only at its start. Call it before anything is
 * read or written. Does nothing if the process cannot be replaced (before Node.js 22.15, where V8's own bound is small enough,
 * and on Windows), or has a bound of its own.
 */
export function restartWithBoundedNewSpace(): void {
  const { execve } = process as { readonly execve?: Execve };
  const given = [...process.execArgv, process.env.NODE_OPTIONS ?? ''].join(' ');
  if (execve === undefined || process.platform === 'win32' || given.includes('semi-space-size')) return;
  try {
    const args = [process.argv0, NEW_SPACE, ...process.execArgv, ...process.argv.slice(1)];
    execve.call(process, process.execPath, args, process.env);
  } catch {
    // Without it, a run works as well, and takes more memory.
  }
}

/**
 * Lets the heap grow by half of the live objects before a collection. V8's default for a small heap is more than double. Without
 * this, a run took up to 230 MiB beside other work (`npm run test:memory`). V8 reads the flag each time it sizes the heap, so it
 * can be set late.
 */
export const boundHeap = (): void => setFlagsFromString('--heap-growing-percent=50');
