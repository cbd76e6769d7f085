import { ChatExportError } from '../errors/chat-export-error.ts';
import { exitCodes } from '../errors/exit-codes.ts';

/** An invalid user list. Each problem is one line that names the file and, if it has one, the line. */
export class UserListError extends ChatExportError {
  override readonly name = 'UserListError';
  readonly code = 'USER_LIST_INVALID';
  readonly exitCode = exitCodes.usage;
  readonly resumable = false;
}

/** A list without a single user ID. */
export const emptyList = (name: string): UserListError => new UserListError([`${name} holds no user ID`]);
