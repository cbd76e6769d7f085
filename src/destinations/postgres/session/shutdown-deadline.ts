import { AbortedByStop } from '../../contract/destination-error.ts';

// Calls have five seconds of it to end. The rest is for committing their results.
const GRACE_MS = 10_000;

/** The time that running work has after a stop. */
export class ShutdownDeadline {
  readonly #name: string;
  readonly #waiting = new Set<(error: AbortedByStop) => void>();
  #isOver = false;

  /** @param name the owner of the work, for the message */
  constructor(stop: AbortSignal, name: string) {
    this.#name = name;
    const begin = (): void => void setTimeout(() => this.#end(), GRACE_MS).unref();
    if (stop.aborted) begin();
    else stop.addEventListener('abort', begin, { once: true });
  }

  get isOver(): boolean {
    return this.#isOver;
  }

  /** The result of the work, unless the deadline passes before. @throws {AbortedByStop} */
  within<T>(work: () => Promise<T>): Promise<T> {
    if (this.#isOver) return Promise.reject(this.#error());
    // Promise.race would keep every result in memory until the end of the run.
    return new Promise((resolve, reject) => {
      this.#waiting.add(reject);
      work()
        .then(resolve, reject)
        .finally(() => this.#waiting.delete(reject));
    });
  }

  #end(): void {
    this.#isOver = true;
    for (const reject of this.#waiting) reject(this.#error());
  }

  #error(): AbortedByStop {
    const after = `${GRACE_MS / 1000} s after the run was asked to stop`;
    return new AbortedByStop(`${this.#name} was still busy, or locked by others, ${after}`);
  }
}
