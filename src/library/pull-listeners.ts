import type { Retry } from '../run/events/retry.ts';

/** The API, or the destination of an export, went away or is back. Meanwhile users wait. */
export interface Outage {
  readonly of: 'api' | 'destination';
  readonly isAway: boolean;
  /** What was seen last of what is away; null when it is back. */
  readonly cause: unknown;
}

/** An outage, or its end, as programs are told of it. */
export const outageOf = (of: Outage['of'], outage: { readonly cause: unknown } | null): Outage => ({
  of,
  isAway: outage !== null,
  cause: outage?.cause ?? null,
});

/**
 * What is told while users are pulled. What a listener throws, or a promise of it, breaks nothing: it is told to `onWarning`, and
 * what that throws is dropped.
 */
export interface PullListeners {
  /** Before each attempt at a page after the first. */
  readonly onRetry?: ((retry: Retry) => void) | undefined;
  readonly onOutage?: ((outage: Outage) => void) | undefined;
  /** What an operator should know, in words. */
  readonly onWarning?: ((message: string) => void) | undefined;
}
