import { setTimeout as sleep } from 'node:timers/promises';
import type pg from 'pg';
import { DestinationTimeout } from '../../contract/destination-error.ts';
import { ServerUnresponsive } from '../connect/server-errors.ts';
import { type ServerWait, waitOf } from '../connect/server-wait.ts';
import { upTo, waitError, waitNotice } from '../connect/waiting.ts';

const LOOK_EVERY_MS = 10_000;
const ANSWERS_WITHIN_MS = 10_000;
const TELL_AFTER_MS = 60_000;

/** The server's process that does the work, and the connection over which it is asked after; null where none is there. */
export type Sides = { readonly worker: number; readonly asker: pg.Client | null };

export type WorkWatchOptions = {
  readonly name: string;
  /** How long others may hold what the work needs, and how long the work may take unless it may take long, ms. */
  readonly patienceMs: number;
  readonly mayTakeLong: boolean;
  readonly onNotice: (message: string) => void;
  /** Null while the work has no connection. */
  readonly sides: () => Sides | null;
};

/**
 * Watches one piece of work, over as many tries as it takes. The system answers for a server that is frozen, so keep-alives
 * do not tell: the server itself is asked now and then, over the connection that does nothing else.
 */
export class BackendMonitor {
  readonly #options: WorkWatchOptions;
  /** For what others hold, over all tries: each ends when the server's patience does. */
  #waitedMs = 0;
  /** When the try at hand began to be at work. */
  #workSince = 0;
  #hasTold = false;

  constructor(options: WorkWatchOptions) {
    this.#options = options;
  }

  /**
   * What the work comes to, as long as the server answers.
   * @throws {ServerUnresponsive} when it does not any more, and {DestinationTimeout} when the patience is over; the work itself goes on until
   * its connections are closed
   */
  within<T>(work: () => Promise<T>): Promise<T> {
    const over = new AbortController();
    this.#workSince = performance.now();
    return new Promise((resolve, reject) => {
      this.#look(over.signal).catch((error) => {
        if (!over.signal.aborted) reject(error);
      });
      work()
        .then(resolve, reject)
        .finally(() => over.abort());
    });
  }

  async #look(over: AbortSignal): Promise<void> {
    for (;;) {
      await sleep(LOOK_EVERY_MS, undefined, { signal: over, ref: false });
      const { worker, asker = null } = this.#options.sides() ?? {};
      // Where a connection is only being made, that has its own bounds.
      if (worker === undefined || asker === null) continue;
      const wait = await Promise.race([
        // A connection that is lost ends the work, which tells of it.
        waitOf(asker, worker).catch(() => undefined),
        sleep(ANSWERS_WITHIN_MS, 'silent' as const, { signal: over, ref: false }),
      ]);
      if (wait === 'silent') throw new ServerUnresponsive(`no answer within ${ANSWERS_WITHIN_MS / 1000} s`);
      if (wait !== undefined && !over.aborted) this.#judge(wait);
    }
  }

  #judge(wait: ServerWait | null): void {
    const { mayTakeLong, onNotice } = this.#options;
    const patience = { ...this.#options, subject: 'the run', option: '--max-outage' } as const;
    const { name, patienceMs } = patience;
    if (wait !== null) {
      this.#waitedMs += LOOK_EVERY_MS;
      this.#workSince = performance.now();
    }
    if (wait === null && mayTakeLong) return;
    const ms = wait !== null ? this.#waitedMs : performance.now() - this.#workSince;
    if (ms > patienceMs) {
      if (wait !== null) throw waitError(patience, wait);
      throw new DestinationTimeout(
        `${name}: a statement did not finish within ${upTo(patience)}, although the server answers; find out what blocks it`,
      );
    }
    if (this.#hasTold || (wait === null && ms < TELL_AFTER_MS)) return;
    this.#hasTold = true;
    onNotice(
      wait !== null
        ? waitNotice(patience, wait)
        : `${name}: a statement has taken ${Math.round(ms / 1000)} s so far; the run waits up to ${upTo(patience)}`,
    );
  }
}
