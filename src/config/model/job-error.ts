import { ChatExportError } from '../../errors/chat-export-error.ts';
import { exitCodes } from '../../errors/exit-codes.ts';

/** The job is wrong: nothing was called or written. Each problem names the flag, the variable, or the file and line. */
export class JobError extends ChatExportError {
  override readonly name = 'JobError';
  readonly code = 'JOB_INVALID';
  readonly exitCode = exitCodes.usage;
  readonly resumable = false;

  constructor(problems: readonly string[], cause?: unknown) {
    super(problems, cause === undefined ? undefined : { cause });
  }
}
