import { setTimeout as sleep } from 'node:timers/promises';
import { AbortedByStop, DestinationTimeout } from '../contract/destination-error.ts';
import type { Waiting } from '../contract/waiting.ts';
import { upTo } from '../postgres/connect/waiting.ts';

const LOOK_EVERY_MS = 50;
const REPORT_AFTER_MS = 10_000;

/** The reason for a wait, and the way to end it, in words. */
export type WaitedFor = { readonly what: string; readonly who: string; readonly next: string };

/**
 * A wait for another process of this machine. It is reported after ten seconds, and ends with a stop or when the allowed time is
 * over.
 */
export class BoundedWait {
  readonly #name: string;
  readonly #waiting: Waiting;
  readonly #since = performance.now();
  #isReported = false;

  /** @param name the database, for messages */
  constructor(name: string, waiting: Waiting) {
    this.#name = name;
    this.#waiting = waiting;
  }

  /** Waits a moment. @throws {AbortedByStop} when asked to stop; {DestinationTimeout} when the allowed time is over */
  async resume(waitedFor: () => Promise<WaitedFor>): Promise<void> {
    const { stop, patienceMs, subject, onNotice } = this.#waiting;
    const ms = performance.now() - this.#since;
    if (stop.aborted) {
      throw new AbortedByStop(`${this.#name} was still busy when ${subject} was asked to stop`, {
        cause: stop.reason,
      });
    }
    if (ms > patienceMs) {
      const { what, who, next } = await waitedFor();
      throw new DestinationTimeout(`${this.#name}: ${what} ${who} for over ${upTo(this.#waiting)}; ${next}`);
    }
    if (ms > REPORT_AFTER_MS && !this.#isReported) {
      this.#isReported = true;
      const { what, who } = await waitedFor();
      onNotice(`${this.#name}: ${what} ${who}; ${subject} waits up to ${upTo(this.#waiting)}`);
    }
    await sleep(LOOK_EVERY_MS, undefined, { signal: stop }).catch(() => {});
  }
}
