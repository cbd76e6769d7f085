import { ChatExportError } from '../../errors/chat-export-error.ts';
import { type ExitCode, exitCodes } from '../../errors/exit-codes.ts';

/** The destination cannot be reached, or refuses. Committed chunks are safe. */
export class DestinationError extends ChatExportError {
  override readonly name = 'DestinationError';
  readonly code = 'DESTINATION_UNAVAILABLE';
  readonly exitCode: ExitCode = exitCodes.destination;
  readonly resumable = true;
}

/**
 * The destination was unavailable or busy when the run was asked to stop: what was not committed by then is dropped, and
 * pulled again by the next attempt. The cause is the reason for the stop.
 */
export class AbortedByStop extends DestinationError {
  override readonly exitCode =
    this.cause === 'SIGINT' || this.cause === 'SIGTERM' ? exitCodes[this.cause] : exitCodes.destination;
}

/** The destination did not finish its work in time: others held a lock, or it is stuck. */
export class DestinationTimeout extends DestinationError {}

/** This command may not use the destination, or the database of the user query. Nothing was touched. */
export class InvalidDestination extends ChatExportError {
  override readonly name = 'InvalidDestination';
  readonly code = 'DESTINATION_UNUSABLE';
  readonly exitCode = exitCodes.usage;
  readonly resumable = false;
}

/** Another run holds the lock. The message names it, and since when. */
export class DestinationLocked extends ChatExportError {
  override readonly name = 'DestinationLocked';
  readonly code = 'DESTINATION_LOCKED';
  readonly exitCode = exitCodes.locked;
  readonly resumable = true;
  override readonly hint = 'wait until it ends, or stop it';
  /** Whether the holder may be this process itself, over a lost connection that the server has not noticed yet. */
  readonly mayBeOurs: boolean;

  constructor(message: string, { mayBeOurs = false } = {}) {
    super(message);
    this.mayBeOurs = mayBeOurs;
  }
}

/** Another run took this run's lock, and may have resumed its chunks. Nothing more was committed. */
export class LockLost extends ChatExportError {
  override readonly name = 'LockLost';
  readonly code = 'LOCK_LOST';
  readonly exitCode = exitCodes.locked;
  readonly resumable = true;
}
