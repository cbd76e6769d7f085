import { setFlagsFromString } from 'node:v8';

// Since Node.js 22, V8 lets the two halves of its space for new objects grow to 32 MiB each, and more. With pages of 1,000
// items a run took 380 MiB there, 266 with 16 and 228 with 8 (Node.js 24).
const NEW_SPACE = '--max-semi-space-size=8';

/** As `process.execve` of Node.js 22.15 and later: the same process goes on as another program. */
type Execve = (file: string, args: readonly string[], env: NodeJS.ProcessEnv) => void;

/**
 * Starts this process again with a bounded space for new objects, which V8 reads at its start alone. To be called before anything
 * is read or written. Nothing happens where the process cannot be replaced, or was started with a bound of its own: before
 * Node.js 22.15, where V8's own bound is small enough, and on Windows.
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
 * Lets the heap grow by half beyond what is alive before it is collected, in place of the double and more that V8 allows one
 * as small as that of a run. `npm run test:memory` shows what for: beside other work, a run took up to 230 MiB without this.
 * V8 reads the flag each time it sizes the heap, so that it may be set late.
 */
export const boundHeap = (): void => setFlagsFromString('--heap-growing-percent=50');
