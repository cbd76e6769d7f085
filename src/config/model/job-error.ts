/** The job is wrong: nothing was called or written. */
export class JobError extends Error {
  override readonly name = 'JobError';
  readonly code = 'JOB_INVALID';
  /** One line for each thing to mend, each naming the flag, the variable, or the file and line. Never a secret. */
  readonly problems: readonly string[];

  constructor(problems: readonly string[], cause?: unknown) {
    super(problems.join('\n'), cause === undefined ? undefined : { cause });
    this.problems = Object.freeze([...problems]);
  }
}
