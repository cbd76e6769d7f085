/** What a job is made of. */
export interface JobSources {
  /** Flags by their names without dashes: text, `true`, or an array when a flag was repeated. */
  readonly flags: Readonly<Record<string, unknown>>;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** The job file, relative to `cwd` or absolute. */
  readonly file: string | undefined;
  /** Absolute. */
  readonly cwd: string;
}
