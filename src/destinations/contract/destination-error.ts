/** The destination cannot be reached, or refuses. Committed chunks are safe, and the run can be resumed. */
export class DestinationError extends Error {
  override readonly name = 'DestinationError';
  readonly code = 'DESTINATION_UNAVAILABLE';
}

/**
 * The destination was away, or busy with others, when the run was asked to stop: what was not committed by then is dropped, and
 * pulled again by the next attempt.
 */
export class AbortedByStop extends DestinationError {}

/** The destination is there, and what it was asked to do was not done in time: others held it, or it is stuck. */
export class DestinationTimeout extends DestinationError {}

/** The destination, or a database that is asked for the users, is not one that this command may use: nothing was touched. */
export class InvalidDestination extends Error {
  override readonly name = 'InvalidDestination';
  readonly code = 'DESTINATION_UNUSABLE';
}

/** Another run holds the lock; the message says who, and since when. */
export class DestinationLocked extends Error {
  override readonly name = 'DestinationLocked';
  readonly code = 'DESTINATION_LOCKED';
  /** Whether the holder may be this process itself, over a connection that is gone but not yet missed. */
  readonly mayBeOurs: boolean;

  constructor(message: string, { mayBeOurs = false } = {}) {
    super(message);
    this.mayBeOurs = mayBeOurs;
  }
}

/** Another run took this run's lock, and may have resumed its chunks. Nothing more was committed. */
export class LockLost extends Error {
  override readonly name = 'LockLost';
  readonly code = 'LOCK_LOST';
}
