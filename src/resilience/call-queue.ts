import PQueue from 'p-queue';
import type { RateLimiter, Slot } from './rate-limiter.ts';

export type CallQueueOptions = {
  readonly limiter: RateLimiter;
  /** The most attempts under way at once. */
  readonly concurrency: number;
  /** Delays every attempt until it resolves. Outages are waited out here, before a slot is taken. */
  readonly gate: (signal: AbortSignal) => Promise<void>;
};

/**
 * The queue of all calls. Calls with a higher priority leave first. At most `concurrency` are under way at once, each with its
 * own slot.
 */
export class CallQueue {
  readonly #queue: PQueue;
  readonly #limiter: RateLimiter;
  readonly #gate: (signal: AbortSignal) => Promise<void>;

  constructor({ concurrency, gate, limiter }: CallQueueOptions) {
    this.#queue = new PQueue({ concurrency });
    this.#limiter = limiter;
    this.#gate = gate;
  }

  /** The share of the rate in use after rate-limit errors. */
  get throttleRatio(): number {
    return this.#limiter.factor;
  }

  /** The margin in use, ms. */
  get rateMarginMs(): number {
    return this.#limiter.marginMs;
  }

  /** Attempts that left the queue and wait for their slot. */
  get waitingForSlot(): number {
    return this.#limiter.waiting;
  }

  /** Attempts that have their slot and have not ended, without probes. */
  get underWay(): number {
    return Math.max(0, this.#queue.pending - this.#limiter.waiting);
  }

  /** How many attempts can be under way at once. */
  get concurrency(): number {
    return this.#queue.concurrency;
  }

  /** Changes how many attempts can be under way at once. */
  setConcurrency(concurrency: number): void {
    this.#queue.concurrency = concurrency;
  }

  /** Attempts in the queue. */
  get waiting(): number {
    return this.#queue.size;
  }

  /**
   * Makes one attempt when its turn and its slot have come.
   * @param priority higher values leave sooner
   * @param signal drops an attempt that has not started; an attempt under way continues
   */
  attempt<T>(call: (slot: Slot) => Promise<T>, priority: number, signal: AbortSignal): Promise<T> {
    // The queue's own `signal` would drop a call under way and count its place as free.
    return this.#queue.add(
      async () => {
        signal.throwIfAborted();
        await this.#gate(signal);
        return await this.#paced(call, signal);
      },
      { priority },
    );
  }

  /**
   * Makes one attempt outside the queue and the gate, with a slot like any other. A probe must not wait for the outage that it
   * tests.
   */
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
