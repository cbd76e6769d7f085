import type { CodeValues } from './code-options.ts';

/** What a job is made of. */
export interface JobSources {
  /** Flags by their names without dashes: text, `true`, or an array when a flag was repeated. */
  readonly flags: Readonly<Record<string, unknown>>;
  /** What another program gave in the place of flags; there are no flags then. */
  readonly code?: CodeValues | undefined;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** The job file, relative to `cwd` or absolute. */
  readonly file: string | undefined;
  /** Absolute. */
  readonly cwd: string;
}
