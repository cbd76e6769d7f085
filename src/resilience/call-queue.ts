import PQueue from 'p-queue';
import { Pacer, type PacerOptions, type Slot } from './pacer.ts';

export type CallQueueOptions = PacerOptions & {
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
  readonly #pacer: Pacer;
  readonly #gate: (signal: AbortSignal) => Promise<void>;

  constructor({ concurrency, gate, ...pacer }: CallQueueOptions) {
    this.#queue = new PQueue({ concurrency });
    this.#pacer = new Pacer(pacer);
    this.#gate = gate;
  }

  /** The share of the rate in use after limit codes. */
  get paceFactor(): number {
    return this.#pacer.factor;
  }

  /** Attempts whose turn has come and that wait for their slot. */
  get waitingForSlot(): number {
    return this.#pacer.waiting;
  }

  /** Attempts that have their slot and are not over, probes left out. */
  get underWay(): number {
    return Math.max(0, this.#queue.pending - this.#pacer.waiting);
  }

  /** How many attempts may be under way at once. */
  get concurrency(): number {
    return this.#queue.concurrency;
  }

  /** From now on, so many attempts may be under way at once. */
  widen(concurrency: number): void {
    this.#queue.concurrency = concurrency;
  }

  /** Attempts that wait for their turn. */
  get waiting(): number {
    return this.#queue.size;
  }

  /**
   * Makes one attempt when its turn and its slot have come.
   * @param urgency the higher, the sooner
   * @param signal drops an attempt that has not begun; one that has begun is left to end
   */
  attempt<T>(call: (slot: Slot) => Promise<T>, urgency: number, signal: AbortSignal): Promise<T> {
    // The queue's own `signal` would give up on a call that is under way, and count its place as free.
    return this.#queue.add(
      async () => {
        signal.throwIfAborted();
        await this.#gate(signal);
        return await this.#paced(call, signal);
      },
      { priority: urgency },
    );
  }

  /** Makes one attempt past queue and gate, with a slot like any other: a probe must not wait for what it tests. */
  probe<T>(call: (slot: Slot) => Promise<T>, signal: AbortSignal): Promise<T> {
    return this.#paced(call, signal);
  }

  async #paced<T>(call: (slot: Slot) => Promise<T>, signal: AbortSignal): Promise<T> {
    const slot = await this.#pacer.slot(signal);
    try {
      return await call(slot);
    } finally {
      slot.release();
    }
  }
}
