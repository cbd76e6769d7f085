export { JobError } from './config/model/job-error.ts';
export type { RunCounts } from './destinations/contract/counts.ts';
export {
  DestinationError,
  DestinationLocked,
  InvalidDestination,
  LockLost,
} from './destinations/contract/destination-error.ts';
export type { WorkerNews } from './destinations/contract/sharing.ts';
export { ChatExportError } from './errors/chat-export-error.ts';
export type {
  Abortable,
  ContactGroupClient,
  ExportedUser,
  PulledUser,
} from './library/contact-group-client.ts';
export { ClientClosed } from './library/contact-group-client.ts';
export { createClient } from './library/create-client.ts';
export { type AnyChatExportError, isChatExportError } from './library/errors.ts';
export { type ExportControl, exportContactGroups } from './library/export-contact-groups.ts';
export type { ExportListeners, OpenedRun } from './library/export-events.ts';
export type {
  ExportOutcome,
  FinishedByAnother,
  FinishedExport,
  NothingToExport,
  RunSoFar,
  StoppedExport,
} from './library/export-outcome.ts';
export type { Duration, ExportOptions, PullOptions, Share } from './library/options.ts';
export { type PullControl, pullContactGroups } from './library/pull-contact-groups.ts';
export type { Outage, PullListeners } from './library/pull-listeners.ts';
export type { FailedUser, FailureReason, UserNotInApp } from './library/unexported-user.ts';
export type { UserIds } from './library/user-ids.ts';
export type { Anomalies } from './rows/normalize.ts';
export type { ContactGroupRow, ConversationRow, MembershipRow } from './rows/tables.ts';
export { ApiUnusable, GuardTripped, RunRefused } from './run/errors/run-errors.ts';
export type { Decision, Elsewhere, Progress, Retry } from './run/events/run-events.ts';
export { UserListError } from './user-list/user-list-error.ts';
