import { setFlagsFromString } from 'node:v8';

/**
 * Lets the heap grow by half beyond what is alive before it is collected, in place of the double and more that V8 allows one
 * as small as that of a run. `npm run test:memory` shows what for: beside other work, a run took up to 230 MiB without this.
 * V8 reads the flag each time it sizes the heap, so that it may be set late.
 */
export const boundHeap = (): void => setFlagsFromString('--heap-growing-percent=50');
