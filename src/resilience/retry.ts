import { type BackoffOptions, backoffMs, DEFAULT_BACKOFF } from './backoff.ts';
import { type CircuitBreaker, OutageTooLong } from './circuit-breaker.ts';
import { type Clock, pause, SYSTEM_CLOCK } from './clock.ts';

/**
 * The decision after a failed attempt. `retry`: try again, at once or after a wait, until this many attempts failed for this
 * `reason`. `give-up`: the same call would fail again in the same way. `mayBeOutage`: the server may be failing for every caller.
 */
export type RetryDecision =
  | {
      readonly kind: 'retry';
      readonly reason: string;
      readonly attempts: number;
      readonly wait: boolean;
      readonly mayBeOutage: boolean;
      /** The shortest wait, ms. */
      readonly atLeastMs?: number;
    }
  | { readonly kind: 'give-up' };

export type RetryOptions = {
  readonly classify: (error: unknown) => RetryDecision;
  readonly breaker: CircuitBreaker;
  readonly signal: AbortSignal;
  /** Called with true when the caller starts to wait before another attempt, and with false when that wait ends. */
  readonly onWait?: (waiting: boolean) => void;
  readonly backoff?: BackoffOptions;
  /** 0 to 1, exclusive. */
  readonly random?: () => number;
  readonly clock?: Clock;
};

/**
 * Makes attempts until one succeeds or a failure must not be retried. Throws the last error unchanged. Failures count only while
 * the server answers some caller; a server that answers no caller is the circuit breaker's concern.
 * @throws {OutageTooLong} when an outage lasts longer than the circuit breaker allows, and the signal's reason when it is aborted
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
        // No caller has succeeded since the first failure of this one: the server may be the cause.
        const answers =
          !decision.mayBeOutage || watch.lastSuccessAt > failingSince || (await watch.probeNow());
        if (answers) throw error;
      }
      if (!decision.wait) continue;
      onWait?.(true);
      // The signal cut the wait short; its reason is thrown above.
      await pause(clock, Math.max(backoffMs(failed, random(), backoff), decision.atLeastMs ?? 0), signal);
      onWait?.(false);
    }
  }
}
