import { timeSpan } from '../../text/format.ts';
import type { BeforeLock } from './destination.ts';
import { DestinationLocked } from './destination-error.ts';

/** How an attempt waits for the lock of its app, where it would be refused otherwise. */
export type LockWait = {
  /** The longest wait, ms. */
  readonly maxMs: number;
  /** The job of the attempt. */
  readonly job: string;
  /** The run to read before the wait; null for the last one of the job. */
  readonly runId: number | null;
  /** Called when another run has the lock, before the wait. It throws to end the attempt at once. */
  readonly onTaken: (before: Omit<BeforeLock, 'waitedMs'>) => void;
  /** Called with the holder, in words, after a second of waiting, and again when the holder has changed. */
  readonly onHolder: (holder: string) => void;
};

// Most holders that are met by chance are gone by then.
const ANNOUNCED_AFTER_MS = 1_000;

/** The time of one wait, and its announcements. */
export class LockWaitClock {
  readonly #wait: Pick<LockWait, 'maxMs' | 'onHolder'>;
  readonly #startedAt = performance.now();
  #announced: string | null = null;
  #hasBegun = false;

  constructor(wait: Pick<LockWait, 'maxMs' | 'onHolder'>) {
    this.#wait = wait;
  }

  /** Whether another run was met. */
  get hasBegun(): boolean {
    return this.#hasBegun;
  }

  begin(): void {
    this.#hasBegun = true;
  }

  get waitedMs(): number {
    return performance.now() - this.#startedAt;
  }

  /** Not below 0. */
  get leftMs(): number {
    return Math.max(0, this.#wait.maxMs - this.waitedMs);
  }

  /** Until when the first holder is not announced yet, ms; 0 afterwards. */
  get quietMs(): number {
    return Math.max(0, ANNOUNCED_AFTER_MS - this.waitedMs);
  }

  /** @param holder.key the same for as long as the holder is */
  sawHolder({ key, text }: { readonly key: string; readonly text: string }): void {
    if (this.quietMs > 0 || key === this.#announced) return;
    this.#announced = key;
    this.#wait.onHolder(text);
  }

  /** The error when the time is over. @param message that of an attempt that does not wait */
  timeIsOver(message: string): DestinationLocked {
    return new DestinationLocked(
      `${message}; this attempt waited ${timeSpan(this.waitedMs)} for it (--wait-for-lock)`,
    );
  }
}
