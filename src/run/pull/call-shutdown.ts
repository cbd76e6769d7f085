import { setMaxListeners } from 'node:events';
import { OUT_OF_TIME } from '../events/deadline.ts';

// Calls in progress when a run is asked to stop have this long to end.
const GRACE_MS = 5_000;

/** Ends calls in progress: some seconds after the run is asked to stop, or at once. */
export class CallShutdown {
  readonly #stop: AbortSignal;
  readonly #onNotice: (message: string) => void;
  readonly #abort = new AbortController();

  /** @param stop asks the run to stop */
  constructor(stop: AbortSignal, onNotice: (message: string) => void) {
    this.#stop = stop;
    this.#onNotice = onNotice;
    // Every call in progress listens to it.
    setMaxListeners(0, this.#abort.signal);
  }

  /** Ends a call that listens to it. */
  get signal(): AbortSignal {
    return this.#abort.signal;
  }

  /** Starts to listen for a stop, which may have come already. */
  listen(): void {
    if (this.#stop.aborted) this.#endSoon();
    else this.#stop.addEventListener('abort', this.#endSoon, { once: true });
  }

  /** Ends every call in progress. Later stops change nothing. */
  endNow(): void {
    this.#stop.removeEventListener('abort', this.#endSoon);
    this.#abort.abort();
  }

  readonly #endSoon = (): void => {
    const { reason } = this.#stop;
    if (reason === OUT_OF_TIME)
      this.#onNotice('--max-duration is over: finishing calls in progress and committing complete chunks');
    setTimeout(() => this.#abort.abort(reason), GRACE_MS).unref();
  };
}
