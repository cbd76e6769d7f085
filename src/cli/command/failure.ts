import { ChatExportError } from '../../errors/chat-export-error.ts';
import { exitCodes } from '../../errors/exit-codes.ts';

/** How an error ends the program: its exit code, and the lines that say what to do. */
export type Failure = { readonly exitCode: number; readonly lines: readonly string[] };

/** What an error means for the one who started the program. One that is not known is a fault of the program. */
export function failureOf(error: unknown): Failure {
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
