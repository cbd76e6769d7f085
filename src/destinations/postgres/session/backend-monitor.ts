import { setTimeout as sleep } from 'node:timers/promises';
import type pg from 'pg';
import { withTimeout } from '../../../resilience/timeout.ts';
import { timeSpan } from '../../../text/format.ts';
import { DestinationTimeout } from '../../contract/destination-error.ts';
import { ServerUnresponsive } from '../connect/server-errors.ts';
import { findWait, type ServerWait } from '../connect/server-wait.ts';
import { upTo, waitError, waitNotice } from '../connect/waiting.ts';

const LOOK_EVERY_MS = 10_000;
const ANSWERS_WITHIN_MS = 10_000;
const REPORT_AFTER_MS = 60_000;

/** The server process that works, and the connection over which it is checked; null if there is none. */
export type Sides = { readonly worker: number; readonly asker: pg.Client | null };

export type WorkWatchOptions = {
  readonly name: string;
  /** How long others may hold locks that the work needs, and how long the work may take unless it may take long, ms. */
  readonly patienceMs: number;
  readonly mayTakeLong: boolean;
  readonly onNotice: (message: string) => void;
  /** Null while the work has no connection. */
  readonly sides: () => Sides | null;
};

/**
 * Watches one piece of work, over all its tries. The kernel answers keep-alives even when the server is frozen. So the server
 * itself is asked from time to time, over the idle connection.
 */
export class BackendMonitor {
  readonly #options: WorkWatchOptions;
  /** The waits for locks of others, over all tries. The server's lock time-out ends each of them. */
  #waitedMs = 0;
  /** When the current try started its work. */
  #workSince = 0;
  #isReported = false;

  constructor(options: WorkWatchOptions) {
    this.#options = options;
  }

  /**
   * The result of the work, as long as the server answers.
   * @throws {ServerUnresponsive} when it stops answering, and {DestinationTimeout} when the allowed time is over; the work itself
   * continues until its connections are closed
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
      // Connecting has its own time limits.
      if (worker === undefined || asker === null) continue;
      // A lost connection ends the work, which reports it.
      const answer = findWait(asker, worker).catch(() => undefined);
      const onTimeout = () => 'silent' as const;
      const wait = await withTimeout(answer, { ms: ANSWERS_WITHIN_MS, onTimeout });
      if (wait === 'silent') throw new ServerUnresponsive(`no answer within ${ANSWERS_WITHIN_MS / 1000} s`);
      if (wait !== undefined && !over.aborted) this.#checkWait(wait);
    }
  }

  #checkWait(wait: ServerWait | null): void {
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
    if (this.#isReported || (wait === null && ms < REPORT_AFTER_MS)) return;
    this.#isReported = true;
    onNotice(
      wait !== null
        ? waitNotice(patience, wait)
        : `${name}: a statement has taken ${timeSpan(ms)} so far; the run waits up to ${upTo(patience)}`,
    );
  }
}
