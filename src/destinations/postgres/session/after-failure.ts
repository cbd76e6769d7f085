import { timeSpan } from '../../../text/format.ts';
import {
  AbortedByStop,
  DestinationError,
  DestinationLocked,
  DestinationTimeout,
  InvalidDestination,
  LockLost,
} from '../../contract/destination-error.ts';
import {
  asPostgresError,
  isConnectionLoss,
  isContention,
  isLockTimeout,
  isReadOnly,
} from '../connect/server-errors.ts';
import { LOCK_TIMEOUT_MS } from '../connect/settings.ts';

const MAX_CONFLICTS = 5;
// Longer than the keep-alive settings let a server hold a lock for a peer that is gone.
const UNNOTICED_MS = 60_000;

/** The failures of one piece of work so far. */
export type WorkFailures = {
  /** Times that others held a lock for as long as the server waits. */
  readonly lockTimeouts: number;
  /** Times that the transaction gave way to another. */
  readonly conflicts: number;
  /** Times in a row that the connection was lost. */
  readonly losses: number;
  /** When the first of these losses was seen, ms of the monotonic clock; null before it. */
  readonly lostAt: number | null;
};

export const NO_FAILURES: WorkFailures = { lockTimeouts: 0, conflicts: 0, losses: 0, lostAt: null };

export type WorkLimits = {
  /** The destination, as messages name it. */
  readonly name: string;
  /** How long a database that is unavailable is waited for, ms. */
  readonly maxOutageMs: number;
};

export type Circumstances = {
  /** Ms of the monotonic clock. */
  readonly now: number;
  /** Whether the run was asked to stop. */
  readonly isStopped: boolean;
};

export type AfterFailure = {
  /** The first step with the connections. `drop` also cancels their statements at the server. */
  readonly connections: 'keep' | 'close' | 'drop';
  /** How long the database has been unavailable, ms, when that is to be announced now; else null. */
  readonly outageMs: number | null;
} & (
  | { readonly kind: 'retry' | 'wait'; readonly failures: WorkFailures }
  /** `isFinal`: all later work of the session fails with this error, too. */
  | { readonly kind: 'fail'; readonly error: unknown; readonly isFinal: boolean }
);

/**
 * Decides after a failure of work in the database: try it again at once, wait first, or fail. Pure.
 * The first loss of the connection is made good at once. From the second in a row on, as when the server is unavailable or
 * the work itself brings its connection down, there is a wait between tries, and an end to them.
 * @param failures those of this piece of work before
 */
export function afterFailure(
  error: unknown,
  failures: WorkFailures,
  limits: WorkLimits,
  circumstances: Circumstances,
): AfterFailure {
  if (error instanceof DestinationTimeout) return fail(error, { connections: 'drop', isFinal: true });
  if (error instanceof AbortedByStop) return fail(error, { connections: 'drop' });
  if (mayWaitForLock(error, failures.lockTimeouts, limits.maxOutageMs))
    return retry({ ...failures, lockTimeouts: failures.lockTimeouts + 1 });
  if (isContention(error) && failures.conflicts < MAX_CONFLICTS)
    return retry({ ...failures, conflicts: failures.conflicts + 1 });
  // The server may not have missed our own old connection yet, which holds the lock. Any other holder has taken the run over.
  if (error instanceof DestinationLocked && !error.mayBeOurs) return fail(lockLost(error), { isFinal: true });
  // A setting that became unusable meanwhile, such as a certificate's file that is gone, can be repaired, and the run resumed.
  if (error instanceof InvalidDestination) return fail(new DestinationError(error.message, { cause: error }));
  // A server that takes no writes may take them again, and a new connection may lead to another one that does.
  const isUnavailable = isConnectionLoss(error) || isReadOnly(error);
  if (isUnavailable || error instanceof DestinationLocked)
    return afterLoss(error, failures, limits, circumstances);
  return fail(asPostgresError(error, limits.name));
}

/** Whether others held what is needed for as long as the server waits, and the run waits longer. */
export function mayWaitForLock(error: unknown, lockTimeouts: number, maxOutageMs: number): boolean {
  // The monitor ends the wait sooner, where the server shows it who waits.
  return isLockTimeout(error) && (lockTimeouts + 1) * LOCK_TIMEOUT_MS <= maxOutageMs;
}

function afterLoss(
  error: unknown,
  { lostAt: before, ...failures }: WorkFailures,
  { name, maxOutageMs }: WorkLimits,
  { now, isStopped }: Circumstances,
): AfterFailure {
  const lostAt = before ?? now;
  const forMs = now - lostAt;
  const losses = failures.losses + 1;
  const kept = { ...failures, losses, lostAt };
  if (losses === 1) return { kind: 'retry', connections: 'close', outageMs: null, failures: kept };
  const then = { connections: 'close', outageMs: losses === 2 ? forMs : null } as const;
  const isLocked = error instanceof DestinationLocked;
  if (isStopped && !isLocked) {
    const message = `${name} was unavailable when the run was asked to stop`;
    return fail(new AbortedByStop(message, { cause: error }), then);
  }
  const patienceMs = isLocked ? Math.min(maxOutageMs, UNNOTICED_MS) : maxOutageMs;
  if (isStopped || forMs > patienceMs) {
    const gaveUp = isLocked ? lockLost(error) : notRecovered(error, name, maxOutageMs);
    return fail(gaveUp, { ...then, isFinal: true });
  }
  return { kind: 'wait', ...then, failures: kept };
}

const retry = (failures: WorkFailures): AfterFailure => ({
  kind: 'retry',
  connections: 'keep',
  outageMs: null,
  failures,
});

const fail = (
  error: unknown,
  how: Partial<Pick<AfterFailure, 'connections' | 'outageMs'>> & { readonly isFinal?: boolean } = {},
): AfterFailure => ({ kind: 'fail', connections: 'keep', outageMs: null, isFinal: false, ...how, error });

const lockLost = (cause: DestinationLocked): LockLost =>
  new LockLost(`the lock was lost while this run was at work: ${cause.message}`, { cause });

/** The error when a database was unavailable for too long. @param cause the last error of a try */
export function notRecovered(cause: unknown, name: string, maxOutageMs: number): DestinationError {
  const said = asPostgresError(cause, name);
  return new DestinationError(
    `the database did not recover within ${timeSpan(maxOutageMs)}; ` +
      (said instanceof Error ? said.message : String(said)),
    { cause },
  );
}
