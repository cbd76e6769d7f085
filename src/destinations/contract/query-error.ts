import { ChatExportError } from '../../errors/chat-export-error.ts';
import { exitCodes } from '../../errors/exit-codes.ts';

/** The server refuses a statement: its message, the position in the statement, and its hint, in one line. */
export class QueryError extends ChatExportError {
  override readonly name = 'QueryError';
  readonly code = 'QUERY_REFUSED';
  readonly exitCode = exitCodes.usage;
  readonly resumable = false;
}
