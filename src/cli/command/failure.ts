import { ChatExportError } from '../../errors/chat-export-error.ts';
import { exitCodes } from '../../errors/exit-codes.ts';

/** The end of the program after an error: its exit code, and the lines with a hint. */
export type Failure = { readonly exitCode: number; readonly lines: readonly string[] };

/** The exit code and the message for an error. An unknown error is a fault of the program. */
export function asFailure(error: unknown): Failure {
  if (error instanceof ChatExportError) {
    const { exitCode, problems, hint } = error;
    // The sender of the signal knows why the program ended.
    if (exitCode === exitCodes.SIGINT || exitCode === exitCodes.SIGTERM) return { exitCode, lines: [] };
    return { exitCode, lines: hint === null ? problems : problems.map((problem) => `${problem}; ${hint}`) };
  }
  if (!(error instanceof Error)) return { exitCode: exitCodes.fault, lines: [String(error)] };
  return {
    exitCode: exitCodes.fault,
    lines: [`this is a bug in chat-export, please report it: ${error.stack ?? error.message}`],
  };
}
