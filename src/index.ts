export type { RunCounts } from './destinations/counts.ts';
export type { RunRecord } from './destinations/destination.ts';
export {
  DestinationError,
  DestinationLocked,
  DestinationUnusable,
  LockLost,
} from './destinations/destination-error.ts';
export type { Job } from './job/job.ts';
export { JobError } from './job/job-error.ts';
export { readJob } from './job/read-job.ts';
export { ApiUnusable } from './run/api-unusable.ts';
export { exportRun, type RunOptions, type RunOutcome } from './run/export-run.ts';
export { GuardTripped } from './run/guard-tripped.ts';
export { NothingToMend } from './run/nothing-to-mend.ts';
export type { Decision, Progress, RunEvents } from './run/run-events.ts';
export { RunRefused } from './run/run-refused.ts';
export { UserListError } from './users/user-list-error.ts';
