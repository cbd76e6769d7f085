import { type Clock, pause, SYSTEM_CLOCK } from './clock.ts';

export type CircuitBreakerOptions = {
  /** How long to wait for the end of an outage before the run stops, ms. */
  readonly maxOutageMs: number;
  /** One attempt that succeeds when the server works again, and rejects otherwise. */
  readonly probe: () => Promise<unknown>;
  /** Ends all waiting. */
  readonly signal: AbortSignal;
  /** Called with the last error and the ms without a success when an outage is declared, and with null when it ends. */
  readonly onChange: (outage: { readonly cause: unknown; readonly forMs: number } | null) => void;
  /** How long every attempt must fail before an outage is suspected, ms. */
  readonly suspectAfterMs?: number;
  /** Time between probes, ms. */
  readonly probeEveryMs?: number;
  /** Whether an outage may last longer than `maxOutageMs` for now. */
  readonly mayLast?: () => boolean;
  readonly clock?: Clock;
};

/** The outage lasted longer than allowed. `cause` is the last error. */
export class OutageTooLong extends Error {
  override readonly name = 'OutageTooLong';
}

/**
 * Tells an outage from calls that fail on their own. During an outage, callers wait at `whenClosed()` and their failures do not
 * count.
 *
 * An outage is declared when every attempt of the last ten seconds failed and a probe fails too. The probe makes a call that is
 * known to work. So a few users who always fail do not look like an outage when only they are left.
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
    this.#options = {
      suspectAfterMs: 10_000,
      probeEveryMs: 3_000,
      mayLast: () => false,
      clock: SYSTEM_CLOCK,
      ...options,
    };
  }

  /** When the server last answered, in ms of the monotonic clock. */
  get lastSuccessAt(): number {
    return this.#lastSuccessAt;
  }

  /** Whether callers wait: an outage is declared or suspected. */
  get isOpen(): boolean {
    return this.#outage !== null;
  }

  /** How long every attempt has failed, ms, while callers wait; 0 while they do not. */
  get openMs(): number {
    return this.#outage === null ? 0 : this.#options.clock.now() - this.#failingSince;
  }

  /** How many outages were declared. A caller that sees another number than before starts to count its failures again. */
  get openCount(): number {
    return this.#openCount;
  }

  /** The server answered. A refusal is an answer, too. */
  recordSuccess(): void {
    this.#lastSuccessAt = this.#options.clock.now();
    this.#failingSince = Number.POSITIVE_INFINITY;
  }

  /** An attempt failed with an error that may be temporary. */
  recordFailure(cause: unknown): void {
    const now = this.#options.clock.now();
    this.#failingSince = Math.min(this.#failingSince, now);
    if (this.#outage !== null || this.#gaveUp !== null) return;
    if (now - this.#failingSince < this.#options.suspectAfterMs) return;
    this.#outage = this.#waitOut(cause)
      .catch((error) => {
        // Rejects for every caller of whenClosed(), now and later.
        if (error instanceof OutageTooLong) this.#gaveUp = error;
      })
      .finally(() => {
        this.#outage = null;
      });
  }

  /** Whether a probe made now succeeds; false while an outage lasts. Callers that ask at the same time share one probe. */
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
    const { signal, maxOutageMs, probeEveryMs, mayLast } = this.#options;
    let cause = firstCause;
    let announced = false;
    for (;;) {
      try {
        await this.#options.probe();
        this.recordSuccess();
        if (announced) this.#options.onChange(null);
        return;
      } catch (error) {
        // A probe that was aborted with everything else proves nothing.
        signal.throwIfAborted();
        cause = error;
      }
      // An attempt under way may have succeeded before the probe did.
      if (this.#lastSuccessAt >= began) {
        if (announced) this.#options.onChange(null);
        return;
      }
      if (!announced) {
        announced = true;
        this.#openCount += 1;
        this.#options.onChange({ cause, forMs: this.#options.clock.now() - this.#failingSince });
      }
      const left = maxOutageMs - (this.#options.clock.now() - this.#failingSince);
      if (left <= 0 && !mayLast()) throw new OutageTooLong('the outage lasts longer than allowed', { cause });
      await pause(this.#options.clock, left > 0 ? Math.min(left, probeEveryMs) : probeEveryMs, signal);
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
