import { CallError } from '../../chat-api/call-error.ts';
import type { RetryDecision } from '../../resilience/retry.ts';

const FEW_ATTEMPTS = 3;
// Limit codes are the app's, not the user's; they only end for a user whom they meet while others get through.
const LIMIT_ATTEMPTS = 50;

// Longer than a minute is for the outage watch to wait, which tries again now and then.
const MOST_ASKED_MS = 60_000;

/** How long a failed call asks to wait before the next one, ms, within bounds. */
export const waitAskedMs = (error: unknown, maxOutageMs: number): number =>
  error instanceof CallError ? Math.min(error.retryAfterMs ?? 0, MOST_ASKED_MS, maxOutageMs) : 0;

/** What a failed call of the API calls for. */
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

/** True for an error that every other call will meet too, until somebody mends it. */
export const stopsTheRun = (error: unknown): error is CallError =>
  error instanceof CallError && ['sign-again', 'credential', 'configuration'].includes(error.class);

/** How a failed attempt is counted: by the API's code, or by what kept it from answering. */
export function errorKey({ code, class: errorClass }: CallError): string {
  if (code !== null) return String(code);
  if (errorClass === 'malformed' || errorClass === 'invalid-page') return 'malformed';
  // Its code is not told.
  return errorClass === 'unknown' ? 'unknown' : 'network';
}
