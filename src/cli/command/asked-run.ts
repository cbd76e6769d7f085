import type { Command, CommandArguments } from './command.ts';
import { UsageError } from './usage-error.ts';
import { parseWholeNumber } from './whole-number.ts';

/** The run in a command's arguments: its number, or the newest of the job. @throws {UsageError} */
export function askedRun(command: Command['name'], { run }: CommandArguments): number | 'last' {
  if (run === 'last') return run;
  const number = parseWholeNumber('the run', run);
  if (number !== undefined) return number;
  throw new UsageError(
    `chat-export ${command} RUN: a number is missing, or last for the newest; chat-export runs lists them`,
  );
}
