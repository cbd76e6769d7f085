import { ChatExportError } from '../errors/chat-export-error.ts';
import { exitCodes } from '../errors/exit-codes.ts';

/** The client was closed by `close()` while it pulled, or before it was asked to pull. */
export class ClientClosed extends ChatExportError {
  override readonly name = 'ClientClosed';
  readonly code = 'CLIENT_CLOSED';
  readonly exitCode = exitCodes.usage;
  readonly resumable = false;

  constructor() {
    super('the client is closed; create another client to pull users');
  }
}
