import { JobError } from '../config/model/job-error.ts';
import {
  DestinationError,
  DestinationLocked,
  InvalidDestination,
  LockLost,
} from '../destinations/contract/destination-error.ts';
import { ApiUnusable } from '../run/errors/api-unusable.ts';
import { GuardTripped } from '../run/errors/guard-tripped.ts';
import { RunRefused } from '../run/errors/run-refused.ts';
import { UserListError } from '../user-list/user-list-error.ts';
import { ClientClosed } from './client-closed.ts';

const kinds = [
  JobError,
  UserListError,
  RunRefused,
  ApiUnusable,
  InvalidDestination,
  DestinationLocked,
  DestinationError,
  LockLost,
  GuardTripped,
  ClientClosed,
] as const;

/** Every error that is not a fault of this package; `code` tells which. */
export type ChatExportError = InstanceType<(typeof kinds)[number]>;

/** Whether an error is one of this package's own, so that `code` tells what it is. */
export const isChatExportError = (error: unknown): error is ChatExportError =>
  kinds.some((kind) => error instanceof kind);
