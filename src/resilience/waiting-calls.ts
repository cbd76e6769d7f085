import type { Slot } from './rate-limiter.ts';

type WaitingCall = {
  readonly grant: (slot: Slot) => void;
  readonly fail: (error: unknown) => void;
  readonly signal: AbortSignal;
};

/** Callers who wait for a slot, in the order of requests. */
export class WaitingCalls {
  readonly #calls: WaitingCall[] = [];

  get size(): number {
    return this.#calls.length;
  }

  /** Adds a caller. @returns its slot @throws the signal's reason when it is aborted before the slot is granted */
  add(signal: AbortSignal): Promise<Slot> {
    return new Promise((resolve, reject) => {
      const drop = (): void => reject(signal.reason);
      const grant = (slot: Slot): void => {
        signal.removeEventListener('abort', drop);
        resolve(slot);
      };
      const fail = (error: unknown): void => {
        signal.removeEventListener('abort', drop);
        reject(error);
      };
      signal.addEventListener('abort', drop, { once: true });
      this.#calls.push({ grant, fail, signal });
    });
  }

  /** Removes aborted callers from the head. A slot that one of them gets would never be used. */
  dropAborted(): void {
    while (this.#calls[0]?.signal.aborted) this.#calls.shift();
  }

  /** Gives the first caller its slot. */
  grant(slot: Slot): void {
    this.#calls.shift()?.grant(slot);
  }

  /** Fails all callers. */
  fail(error: unknown): void {
    for (const call of this.#calls.splice(0)) call.fail(error);
  }
}
