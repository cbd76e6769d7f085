import { ChatExportError } from '../../errors/chat-export-error.ts';
import { exitCodes } from '../../errors/exit-codes.ts';

/** The command line is wrong: the message names the option and says what to write. */
export class UsageError extends ChatExportError {
  override readonly name = 'UsageError';
  readonly code = 'USAGE_INVALID';
  readonly exitCode = exitCodes.usage;
  readonly resumable = false;
}
