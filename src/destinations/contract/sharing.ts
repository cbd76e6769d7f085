import type { ExitCode } from '../../errors/exit-codes.ts';
import type { ChangeTotals } from './counts.ts';

/** How a run is shared. */
export type ShareSettings = {
  /** How long an attempt may take, all workers together, ms; null without a limit. */
  readonly maxDurationMs: number | null;
};

/** The reason why one worker ended a run for all of them. */
export type Halt = { readonly message: string; readonly exitCode: ExitCode };

/** What another process of a shared run does, as this one sees it. */
export type WorkerNews = {
  /** `silent`: it has given no sign of life for 10 s, and the others take over its chunks. `returned`: it has, after that. */
  readonly kind: 'joined' | 'left' | 'silent' | 'returned';
  readonly worker: number;
  /** Its host and the number of its process. */
  readonly host: string;
  /** The chunks that it had claimed. */
  readonly chunks: number;
};

/** The first call of an attempt: `alone` for the worker that makes it, `reached` once the API has accepted one. */
export type FirstCall = 'alone' | 'reached';

/** What the others need to know of a process of a shared run, beside what it has committed. */
export type WorkerReport = {
  /**
   * Open chunks that do not wait for a guard: users of them are still to come. A chunk that waits here may be another process's by
   * now, so the chunks that this process has claimed do not tell.
   */
  readonly pullingChunks: number;
  /** Whether a user who was pulled here is known to the app. */
  readonly hasKnownUser: boolean;
  /** The changes of the chunks that wait for the guard of deletions here. */
  readonly waiting: ChangeTotals;
  /** How long ago the API last answered this process, ms. */
  readonly answeredMsAgo: number;
};

/** The same of all other processes together; chunks wait only where a process is at work. */
export type OthersReport = Pick<WorkerReport, 'hasKnownUser' | 'waiting'>;
