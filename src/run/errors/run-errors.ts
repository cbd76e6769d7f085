import { ChatExportError } from '../../errors/chat-export-error.ts';
import { type ExitCode, exitCodes } from '../../errors/exit-codes.ts';

/** The API cannot be reached, or refuses this app or these credentials. */
export class ApiUnusable extends ChatExportError {
  override readonly name = 'ApiUnusable';
  readonly code = 'API_UNUSABLE';
  readonly exitCode = exitCodes.api;
  readonly resumable = true;
  /** The code that the API refused with; null where it cannot be reached. */
  readonly apiCode: number | null;

  constructor(
    message: string,
    { apiCode = null, ...options }: ErrorOptions & { readonly apiCode?: number | null } = {},
  ) {
    super(message, options);
    this.apiCode = apiCode;
  }
}

/** A guard stopped the run before it did harm. Committed chunks stay. The message says how to allow what the guard saw. */
export class GuardTripped extends ChatExportError {
  override readonly name = 'GuardTripped';
  readonly code = 'GUARD_TRIPPED';
  readonly exitCode = exitCodes.guard;
  readonly resumable = true;
}

/** The request cannot be fulfilled, and nothing was done. The message names the option, and says what to do. */
export class RunRefused extends ChatExportError {
  override readonly name = 'RunRefused';
  readonly code = 'RUN_REFUSED';
  readonly exitCode = exitCodes.usage;
  readonly resumable = false;
}

/** The run to retry has no failed users left, or none with the codes asked for. There is nothing to do. */
export class NothingToRetry extends ChatExportError {
  override readonly name = 'NothingToRetry';
  readonly code = 'NOTHING_TO_RETRY';
  readonly exitCode = exitCodes.done;
  readonly resumable = false;
}

/** Another process of a shared run ended it for all: a guard tripped there, or the API refused its calls. */
export class EndedByWorker extends ChatExportError {
  override readonly name = 'EndedByWorker';
  readonly code = 'ENDED_BY_WORKER';
  readonly exitCode: ExitCode;
  readonly resumable = true;

  constructor({ message, exitCode }: { readonly message: string; readonly exitCode: ExitCode }) {
    super(`another process ended this run: ${message}`);
    this.exitCode = exitCode;
  }
}
