import type { ExitCode } from '../../errors/exit-codes.ts';

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
