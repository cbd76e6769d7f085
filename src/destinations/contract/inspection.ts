import type { ExitCode } from '../../errors/exit-codes.ts';
import type { RunIdentity, RunRecord } from './destination.ts';
import type { ArchivedRun } from './run-archive.ts';

/** The result of one check. */
export type CheckResult = {
  /** The subject of the check, in a word or two. */
  readonly subject: string;
  /** `warn`: a run would pass, with a warning. `unknown`: it could not be checked. */
  readonly state: 'pass' | 'warn' | 'fail' | 'unknown';
  readonly message: string;
  /** A hint. */
  readonly hint?: string;
  /** The exit code of a run that would end because of it. */
  readonly exitCode?: ExitCode;
};

/** The state of a destination, read without its lock and without writing anything. */
export type Inspection = {
  readonly findings: readonly CheckResult[];
  /** The requested run; null when there is none, undefined when that is not known. */
  readonly last: ArchivedRun | null | undefined;
  /** Some of the other jobs that have exported the app here. */
  readonly otherJobs: readonly string[];
  /** As in `Destination`, if a run replaces something; also null when unknown. */
  readonly replaced?: RunRecord | null;
  /** As in `Destination`; also null when unknown. */
  readonly storedKeyFingerprint: Pick<RunIdentity, 'keyFingerprint'> | null;
  /** The size of a conversation here, with its memberships and indexes; null when nothing can be measured yet. */
  readonly bytesPerConversation: number | null;
  /** Whether a run is at work there, which uses the quota. */
  readonly isAtWork?: boolean;
  /** The free space; null when unknown. */
  readonly freeBytes: number | null;
};

/** The run that an inspection is about: this number, or with null the job's last. */
export type InspectedJob = { readonly sdkAppId: number; readonly job: string; readonly runId: number | null };
