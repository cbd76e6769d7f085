import { type Clock, pause, SYSTEM_CLOCK } from './clock.ts';

export type CircuitBreakerOptions = {
  /** How long an outage is waited out before the run gives up, ms. */
  readonly maxOutageMs: number;
  /** One attempt whose success shows that the server is back. It rejects while it is not. */
  readonly probe: () => Promise<unknown>;
  /** Ends the waiting for good. */
  readonly signal: AbortSignal;
  /** Told when an outage is declared, with the error that was seen last and how long nothing had worked by then, and when it has ended. */
  readonly onChange: (outage: { readonly cause: unknown; readonly forMs: number } | null) => void;
  /** How long every attempt must have failed before it is suspected, ms. */
  readonly suspectAfterMs?: number;
  /** Time between probes, ms. */
  readonly probeEveryMs?: number;
  readonly clock?: Clock;
};

/** The server was away for longer than allowed; `cause` is what was seen last. */
export class OutageTooLong extends Error {
  override readonly name = 'OutageTooLong';
}

/**
 * Tells an outage, which is nobody's fault, from calls that fail on their own. While one lasts, callers wait at
 * `clear()` and their failures do not count.
 *
 * An outage is declared when every attempt of the last ten seconds failed and a probe fails too. The probe asks for
 * something known to work, so that a few callers which always fail cannot pass for an outage when they are the last.
 */
export class CircuitBreaker {
  readonly #options: Required<CircuitBreakerOptions>;
  #lastSuccessAt = Number.NEGATIVE_INFINITY;
  #failingSince = Number.POSITIVE_INFINITY;
  #outage: Promise<void> | null = null;
  #gaveUp: OutageTooLong | null = null;
  #asking: Promise<boolean> | null = null;
  #openCount = 0;

  constructor(options: CircuitBreakerOptions) {
    this.#options = { suspectAfterMs: 10_000, probeEveryMs: 3_000, clock: SYSTEM_CLOCK, ...options };
  }

  /** When the server last answered sensibly, in ms of the monotonic clock. */
  get lastSuccessAt(): number {
    return this.#lastSuccessAt;
  }

  /** Whether callers are held back: an outage is declared, or looked into. */
  get isOpen(): boolean {
    return this.#outage !== null;
  }

  /** How many outages have been declared: a caller whose number changed meanwhile begins to count anew. */
  get openCount(): number {
    return this.#openCount;
  }

  /** The server answered, be it with a refusal of what was asked. */
  recordSuccess(): void {
    this.#lastSuccessAt = this.#options.clock.now();
    this.#failingSince = Number.POSITIVE_INFINITY;
  }

  /** An attempt failed in a way that may pass. */
  recordFailure(cause: unknown): void {
    const now = this.#options.clock.now();
    this.#failingSince = Math.min(this.#failingSince, now);
    if (this.#outage !== null || this.#gaveUp !== null) return;
    if (now - this.#failingSince < this.#options.suspectAfterMs) return;
    this.#outage = this.#waitOut(cause)
      .catch((error) => {
        // Told to everybody who comes to clear(), now and later.
        if (error instanceof OutageTooLong) this.#gaveUp = error;
      })
      .finally(() => {
        this.#outage = null;
      });
  }

  /** Whether a probe, made now, succeeds; false while an outage lasts. All who ask meanwhile share one probe. */
  probeNow(): Promise<boolean> {
    if (this.#outage !== null || this.#gaveUp !== null) return Promise.resolve(false);
    this.#asking ??= this.#ask().finally(() => {
      this.#asking = null;
    });
    return this.#asking;
  }

  /** Waits until there is no outage. @throws {OutageTooLong}, and the signal's reason when it is aborted */
  async whenClosed(signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    if (this.#gaveUp !== null) throw this.#gaveUp;
    if (this.#outage === null) return;
    const { promise: aborted, reject } = deferred();
    const stop = (): void => reject(signal.reason);
    signal.addEventListener('abort', stop, { once: true });
    try {
      while (this.#outage !== null) await Promise.race([this.#outage, aborted]);
    } finally {
      signal.removeEventListener('abort', stop);
    }
    this.#options.signal.throwIfAborted();
    if (this.#gaveUp !== null) throw this.#gaveUp;
  }

  async #ask(): Promise<boolean> {
    try {
      await this.#options.probe();
      this.recordSuccess();
      return true;
    } catch {
      return false;
    }
  }

  async #waitOut(firstCause: unknown): Promise<void> {
    const began = this.#options.clock.now();
    const { signal } = this.#options;
    let cause = firstCause;
    let announced = false;
    for (;;) {
      try {
        await this.#options.probe();
        this.recordSuccess();
        if (announced) this.#options.onChange(null);
        return;
      } catch (error) {
        // A probe that was ended with everything else tells nothing.
        signal.throwIfAborted();
        cause = error;
      }
      // An attempt that was still under way may have brought the good news before the probe did.
      if (this.#lastSuccessAt >= began) {
        if (announced) this.#options.onChange(null);
        return;
      }
      if (!announced) {
        announced = true;
        this.#openCount += 1;
        this.#options.onChange({ cause, forMs: this.#options.clock.now() - this.#failingSince });
      }
      const left = this.#options.maxOutageMs - (this.#options.clock.now() - this.#failingSince);
      if (left <= 0) throw new OutageTooLong('the outage lasts longer than allowed', { cause });
      await pause(this.#options.clock, Math.min(left, this.#options.probeEveryMs), signal);
      signal.throwIfAborted();
    }
  }
}

function deferred(): { readonly promise: Promise<never>; readonly reject: (reason: unknown) => void } {
  let reject: (reason: unknown) => void = () => {};
  const promise = new Promise<never>((_, no) => {
    reject = no;
  });
  return { promise, reject };
}
