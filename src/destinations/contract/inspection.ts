import type { ExitCode } from '../../errors/exit-codes.ts';
import type { RunIdentity, RunRecord } from './destination.ts';
import type { ArchivedRun } from './run-archive.ts';

/** What somebody who looked at one thing found. */
export type CheckResult = {
  /** What was looked at, in a word or two. */
  readonly subject: string;
  /** `warn`: a run would pass, but somebody should know. `unknown`: it could not be looked at. */
  readonly state: 'pass' | 'warn' | 'fail' | 'unknown';
  readonly message: string;
  /** What to do about it. */
  readonly hint?: string;
  /** What a run would exit with because of it, if it would end. */
  readonly exitCode?: ExitCode;
};

/** A destination as it is now, looked at without its lock and without writing anything. */
export type Inspection = {
  readonly findings: readonly CheckResult[];
  /** The run that was asked for; null when there is none, undefined when that could not be seen. */
  readonly last: ArchivedRun | null | undefined;
  /** Jobs with another name that have exported the app here, some of them. */
  readonly otherJobs: readonly string[];
  /** As `Destination` tells it, where a run replaces what is there; null, too, where it cannot be seen. */
  readonly replaced?: RunRecord | null;
  /** As `Destination` tells it; null, too, where it cannot be seen. */
  readonly storedKeyFingerprint: Pick<RunIdentity, 'keyFingerprint'> | null;
  /** What a conversation takes here, with its memberships and indexes; null where nothing can be measured yet. */
  readonly bytesPerConversation: number | null;
  /** Room that is left; null where it cannot be seen from here. */
  readonly freeBytes: number | null;
};

/** Which run an inspection is about: the one of this number, or, with null, the job's last. */
export type InspectedJob = { readonly sdkAppId: number; readonly job: string; readonly runId: number | null };
