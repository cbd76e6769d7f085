import { setTimeout as sleep } from 'node:timers/promises';
import { AbortedByStop, DestinationTimeout } from '../contract/destination-error.ts';
import { upTo, type Waiting } from '../postgres/connect/waiting.ts';

const LOOK_EVERY_MS = 50;
const TELL_AFTER_MS = 10_000;

/** What is waited for, whose it is, and what ends the waiting, in words. */
export type WaitedFor = { readonly what: string; readonly who: string; readonly next: string };

/** A wait for what another process of this machine does: told after ten seconds, and ended by a stop or the patience. */
export class BoundedWait {
  readonly #name: string;
  readonly #waiting: Waiting;
  readonly #since = performance.now();
  #hasTold = false;

  /** @param name the database for people */
  constructor(name: string, waiting: Waiting) {
    this.#name = name;
    this.#waiting = waiting;
  }

  /** Waits a moment. @throws {AbortedByStop} when asked to stop; {DestinationTimeout} when the patience is over */
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
    if (ms > TELL_AFTER_MS && !this.#hasTold) {
      this.#hasTold = true;
      const { what, who } = await waitedFor();
      onNotice(`${this.#name}: ${what} ${who}; ${subject} waits up to ${upTo(this.#waiting)}`);
    }
    await sleep(LOOK_EVERY_MS, undefined, { signal: stop }).catch(() => {});
  }
}
