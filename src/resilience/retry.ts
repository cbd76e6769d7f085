import { setTimeout as sleep } from 'node:timers/promises';
import { type BackoffOptions, backoffMs, DEFAULT_BACKOFF } from './backoff.ts';
import { OutageTooLong, type OutageWatch } from './outage-watch.ts';

/**
 * What a failed attempt calls for: `retry`, after a wait or at once, until so many attempts failed for this `reason`;
 * or `give-up`, since the same call would fail in the same way. `mayBeOutage` when the server may be failing everybody.
 */
export type Fate =
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
  const failures = new Map<string, number>();
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
        failures.clear();
        failingSince = Number.POSITIVE_INFINITY;
      }
      const failed = (failures.get(fate.reason) ?? 0) + 1;
      failures.set(fate.reason, failed);
      failingSince = Math.min(failingSince, performance.now());
      if (fate.mayBeOutage) watch.failed(error);
      if (failed >= fate.attempts) {
        // As long as nobody has succeeded since this caller's first failure, it need not be its own fault.
        const answers = !fate.mayBeOutage || watch.aliveAt > failingSince || (await watch.answersNow());
        if (answers) throw error;
      }
      if (!fate.wait) continue;
      onWait?.(true);
      // Cut short by the signal, whose reason is thrown above.
      await sleep(Math.max(backoffMs(failed, random(), backoff), fate.atLeastMs ?? 0), undefined, {
        signal,
      }).catch(() => {});
      onWait?.(false);
    }
  }
}
