import { CallError } from '../../chat-api/call-error.ts';
import type { RetryDecision } from '../../resilience/retry.ts';

const FEW_ATTEMPTS = 3;
// Rate-limit errors belong to the app. They fail a user only if they hit that user's calls while other calls succeed.
const LIMIT_ATTEMPTS = 50;

// Longer waits are left to the circuit breaker, which tries again from time to time.
const MAX_ASKED_MS = 60_000;

/** How long a failed call asks to wait before the next one, ms, within bounds. */
export const waitAskedMs = (error: unknown, maxOutageMs: number): number =>
  error instanceof CallError ? Math.min(error.retryAfterMs ?? 0, MAX_ASKED_MS, maxOutageMs) : 0;

/** Decides what to do after a failed call of the API. */
export function classifyFailure(error: unknown, maxAttempts: number): RetryDecision {
  if (!(error instanceof CallError)) return { kind: 'give-up' };
  const few = Math.min(FEW_ATTEMPTS, maxAttempts);
  switch (error.class) {
    case 'transient':
      return { kind: 'retry', reason: error.class, attempts: maxAttempts, wait: true, mayBeOutage: true };
    case 'transient-few':
    case 'malformed':
      return {
        kind: 'retry',
        reason: error.class,
        attempts: few,
        wait: true,
        mayBeOutage: true,
      };
    case 'user-few':
    case 'invalid-page':
      return { kind: 'retry', reason: error.class, attempts: few, wait: true, mayBeOutage: false };
    case 'limit':
      return {
        kind: 'retry',
        reason: error.class,
        attempts: Math.max(LIMIT_ATTEMPTS, maxAttempts),
        wait: true,
        mayBeOutage: true,
      };
    case 'sign-again':
      return { kind: 'retry', reason: error.class, attempts: 2, wait: false, mayBeOutage: false };
    default:
      return { kind: 'give-up' };
  }
}

/** True for an error that every other call will meet, too, until its cause is fixed. */
export const stopsTheRun = (error: unknown): error is CallError =>
  error instanceof CallError && ['sign-again', 'credential', 'configuration'].includes(error.class);

/** The key for counting a failed attempt: the API's code, or the kind of failure without an answer. */
export function errorKey({ code, class: errorClass }: CallError): string {
  if (code !== null) return String(code);
  if (errorClass === 'malformed' || errorClass === 'invalid-page') return 'malformed';
  // Its code is not shown.
  return errorClass === 'unknown' ? 'unknown' : 'network';
}
