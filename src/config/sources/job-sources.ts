import type { CodeValues } from './code-options.ts';

/** The sources of a job. */
export interface JobSources {
  /** Flags by their names without dashes: text, `true`, or an array when a flag was repeated. */
  readonly flags: Readonly<Record<string, unknown>>;
  /** The options of another program, instead of flags. */
  readonly code?: CodeValues | undefined;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** The job file, relative to `cwd` or absolute. */
  readonly file: string | undefined;
  /** Absolute. */
  readonly cwd: string;
}
