import { setTimeout as sleep } from 'node:timers/promises';
import { type BackoffOptions, backoffMs, DEFAULT_BACKOFF } from './backoff.ts';
import { OutageTooLong, type OutageWatch } from './outage-watch.ts';

/**
 * What a failed attempt calls for: `retry` within so many attempts, after a wait or at once; or `give-up`, since the
 * same call would fail in the same way.
 */
export type Fate =
  | { readonly kind: 'retry'; readonly attempts: number; readonly wait: boolean }
  | { readonly kind: 'give-up' };

export type RetryOptions = {
  readonly fateOf: (error: unknown) => Fate;
  readonly watch: OutageWatch;
  readonly signal: AbortSignal;
  /** Told when the caller begins to wait before it tries again (true), and when that wait has ended (false). */
  readonly onWait?: (waiting: boolean) => void;
  readonly backoff?: BackoffOptions;
  /** 0 to 1, exclusive. */
  readonly random?: () => number;
};

/**
 * Makes attempts until one succeeds or a failure's fate says stop; the last error is thrown as it came. Failures count
 * only while the server answers anybody: one that is away for everybody is the watch's concern.
 * @throws {OutageTooLong} when an outage outlasts the watch's patience, and the signal's reason when it is aborted
 */
export async function withRetries<T>(attempt: () => Promise<T>, options: RetryOptions): Promise<T> {
  const { fateOf, watch, signal, onWait, backoff = DEFAULT_BACKOFF, random = Math.random } = options;
  let outages = watch.declared;
  let failures = 0;
  let failingSince = Number.POSITIVE_INFINITY;
  for (;;) {
    signal.throwIfAborted();
    try {
      const value = await attempt();
      watch.alive();
      return value;
    } catch (error) {
      if (signal.aborted || error instanceof OutageTooLong) throw error;
      const fate = fateOf(error);
      if (fate.kind === 'give-up') {
        watch.alive();
        throw error;
      }
      if (watch.declared !== outages) {
        outages = watch.declared;
        failures = 0;
        failingSince = Number.POSITIVE_INFINITY;
      }
      failures += 1;
      failingSince = Math.min(failingSince, performance.now());
      if (fate.wait) watch.failed(error);
      // As long as nobody has succeeded since this caller's first failure, it may be an outage: not yet its own fault.
      const mayBeOutage = fate.wait && watch.aliveAt < failingSince;
      if (failures >= fate.attempts && !mayBeOutage) throw error;
      if (!fate.wait) continue;
      onWait?.(true);
      try {
        await sleep(backoffMs(failures, random(), backoff), undefined, { signal });
      } finally {
        onWait?.(false);
      }
    }
  }
}
