import { type BackoffOptions, backoffMs, DEFAULT_BACKOFF } from './backoff.ts';
import { type CircuitBreaker, OutageTooLong } from './circuit-breaker.ts';
import { type Clock, pause, SYSTEM_CLOCK } from './clock.ts';

/**
 * What a failed attempt calls for: `retry`, after a wait or at once, until so many attempts failed for this `reason`;
 * or `give-up`, since the same call would fail in the same way. `mayBeOutage` when the server may be failing everybody.
 */
export type RetryDecision =
  | {
      readonly kind: 'retry';
      readonly reason: string;
      readonly attempts: number;
      readonly wait: boolean;
      readonly mayBeOutage: boolean;
      /** What is waited at least, ms. */
      readonly atLeastMs?: number;
    }
  | { readonly kind: 'give-up' };

export type RetryOptions = {
  readonly classify: (error: unknown) => RetryDecision;
  readonly breaker: CircuitBreaker;
  readonly signal: AbortSignal;
  /** Told when the caller begins to wait before it tries again (true), and when that wait has ended (false). */
  readonly onWait?: (waiting: boolean) => void;
  readonly backoff?: BackoffOptions;
  /** 0 to 1, exclusive. */
  readonly random?: () => number;
  readonly clock?: Clock;
};

/**
 * Makes attempts until one succeeds or a failure's fate says stop; the last error is thrown as it came. Failures count
 * only while the server answers anybody: one that is away for everybody is the watch's concern.
 * @throws {OutageTooLong} when an outage outlasts the watch's patience, and the signal's reason when it is aborted
 */
export async function withRetries<T>(attempt: () => Promise<T>, options: RetryOptions): Promise<T> {
  const {
    classify,
    breaker: watch,
    signal,
    onWait,
    backoff = DEFAULT_BACKOFF,
    random = Math.random,
    clock = SYSTEM_CLOCK,
  } = options;
  let outages = watch.openCount;
  const failures = new Map<string, number>();
  let failingSince = Number.POSITIVE_INFINITY;
  for (;;) {
    signal.throwIfAborted();
    try {
      const value = await attempt();
      watch.recordSuccess();
      return value;
    } catch (error) {
      if (signal.aborted || error instanceof OutageTooLong) throw error;
      const decision = classify(error);
      if (decision.kind === 'give-up') {
        watch.recordSuccess();
        throw error;
      }
      if (watch.openCount !== outages) {
        outages = watch.openCount;
        failures.clear();
        failingSince = Number.POSITIVE_INFINITY;
      }
      const failed = (failures.get(decision.reason) ?? 0) + 1;
      failures.set(decision.reason, failed);
      failingSince = Math.min(failingSince, clock.now());
      if (decision.mayBeOutage) watch.recordFailure(error);
      if (failed >= decision.attempts) {
        // As long as nobody has succeeded since this caller's first failure, it need not be its own fault.
        const answers =
          !decision.mayBeOutage || watch.lastSuccessAt > failingSince || (await watch.probeNow());
        if (answers) throw error;
      }
      if (!decision.wait) continue;
      onWait?.(true);
      // Cut short by the signal, whose reason is thrown above.
      await pause(clock, Math.max(backoffMs(failed, random(), backoff), decision.atLeastMs ?? 0), signal);
      onWait?.(false);
    }
  }
}
