import PQueue from 'p-queue';
import { RateLimiter, type RateLimiterOptions, type Slot } from './rate-limiter.ts';

export type CallQueueOptions = RateLimiterOptions & {
  /** Attempts under way at once at most. */
  readonly concurrency: number;
  /** Holds every attempt back until it resolves: an outage is waited out here, before a slot is taken. */
  readonly gate: (signal: AbortSignal) => Promise<void>;
};

/**
 * Every attempt at a call passes through here: first the more urgent, no more than `concurrency` at once, each with
 * its slot of the quota.
 */
export class CallQueue {
  readonly #queue: PQueue;
  readonly #limiter: RateLimiter;
  readonly #gate: (signal: AbortSignal) => Promise<void>;

  constructor({ concurrency, gate, ...limiter }: CallQueueOptions) {
    this.#queue = new PQueue({ concurrency });
    this.#limiter = new RateLimiter(limiter);
    this.#gate = gate;
  }

  /** The share of the rate in use after rate-limit errors. */
  get throttleRatio(): number {
    return this.#limiter.factor;
  }

  /** Attempts whose turn has come and that wait for their slot. */
  get waitingForSlot(): number {
    return this.#limiter.waiting;
  }

  /** Attempts that have their slot and are not over, probes left out. */
  get underWay(): number {
    return Math.max(0, this.#queue.pending - this.#limiter.waiting);
  }

  /** How many attempts may be under way at once. */
  get concurrency(): number {
    return this.#queue.concurrency;
  }

  /** From now on, so many attempts may be under way at once. */
  setConcurrency(concurrency: number): void {
    this.#queue.concurrency = concurrency;
  }

  /** Attempts that wait for their turn. */
  get waiting(): number {
    return this.#queue.size;
  }

  /**
   * Makes one attempt when its turn and its slot have come.
   * @param priority the higher, the sooner
   * @param signal drops an attempt that has not begun; one that has begun is left to end
   */
  attempt<T>(call: (slot: Slot) => Promise<T>, priority: number, signal: AbortSignal): Promise<T> {
    // The queue's own `signal` would give up on a call that is under way, and count its place as free.
    return this.#queue.add(
      async () => {
        signal.throwIfAborted();
        await this.#gate(signal);
        return await this.#paced(call, signal);
      },
      { priority },
    );
  }

  /** Makes one attempt past queue and gate, with a slot like any other: a probe must not wait for what it tests. */
  probe<T>(call: (slot: Slot) => Promise<T>, signal: AbortSignal): Promise<T> {
    return this.#paced(call, signal);
  }

  async #paced<T>(call: (slot: Slot) => Promise<T>, signal: AbortSignal): Promise<T> {
    const slot = await this.#limiter.slot(signal);
    try {
      return await call(slot);
    } finally {
      slot.release();
    }
  }
}
