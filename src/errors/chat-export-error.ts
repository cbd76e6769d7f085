import type { ExitCode } from './exit-codes.ts';

/**
 * An error that a caller can act on: the request, the API, the destination or a guard ended the work. Any other error that
 * reaches a caller is a bug of the program. Errors that the program throws and catches itself do not extend this class.
 */
export abstract class ChatExportError extends Error {
  /** Names the kind of error. It is stable; the message is not. */
  abstract readonly code: string;
  /** The exit code of the command. */
  abstract readonly exitCode: ExitCode;
  /**
   * Whether the same request again resumes the run, once the cause is gone. False where the request itself is wrong: change it
   * first.
   */
  abstract readonly resumable: boolean;
  /** The message as one line for each problem. Never a secret. */
  readonly problems: readonly string[];
  /** The next step, where the message does not say it itself. */
  readonly hint: string | null = null;

  constructor(problems: string | readonly string[], options?: ErrorOptions) {
    const lines = typeof problems === 'string' ? [problems] : [...problems];
    super(lines.join('\n'), options);
    this.problems = Object.freeze(lines);
  }
}
