import type { JobError } from '../config/model/job-error.ts';
import type {
  DestinationError,
  DestinationLocked,
  InvalidDestination,
  LockLost,
} from '../destinations/contract/destination-error.ts';
import { ChatExportError } from '../errors/chat-export-error.ts';
import type { ApiUnusable, GuardTripped, RunRefused } from '../run/errors/run-errors.ts';
import type { UserListError } from '../user-list/user-list-error.ts';
import type { ClientClosed } from './contact-group-client.ts';

/** Every error of this package that is not a bug. `code` narrows the type. */
export type AnyChatExportError =
  | JobError
  | UserListError
  | RunRefused
  | ApiUnusable
  | InvalidDestination
  | DestinationLocked
  | DestinationError
  | LockLost
  | GuardTripped
  | ClientClosed;

/** Whether an error is one of this package and not a bug. Then `code` tells which, and narrows the type. */
export const isChatExportError = (error: unknown): error is AnyChatExportError =>
  error instanceof ChatExportError;
