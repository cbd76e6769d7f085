import type { Retry } from '../run/events/run-events.ts';

/** The API, or the destination of an export, became unavailable or has recovered. Users wait in between. */
export interface Outage {
  readonly of: 'api' | 'destination';
  readonly isUnavailable: boolean;
  /** The last error; null when it has recovered. */
  readonly cause: unknown;
}

/** An outage, or its end, as a listener gets it. */
export const outageEvent = (of: Outage['of'], outage: { readonly cause: unknown } | null): Outage => ({
  of,
  isUnavailable: outage !== null,
  cause: outage?.cause ?? null,
});

/**
 * Listeners for the pulling of users. An error or a rejected promise of a listener has no effect on the run: it is reported to
 * `onWarning`, and an error of `onWarning` is dropped.
 */
export interface PullListeners {
  /** Before each retry of a page. */
  readonly onRetry?: ((retry: Retry) => void) | undefined;
  readonly onOutage?: ((outage: Outage) => void) | undefined;
  /** A message for an operator. */
  readonly onWarning?: ((message: string) => void) | undefined;
}
