import type { Command } from './command/command.ts';
import { UsageError } from './command/usage-error.ts';
import { commandHelp, programHelp } from './help-text.ts';

// For a screen of unknown width.
const COLUMNS = 80;

/** The requested help (`--help`, `-h` or `help`), or undefined when none is requested. */
export async function askedHelp(
  args: readonly string[],
  commands: readonly Command[],
  columns = COLUMNS,
): Promise<string | undefined> {
  const [first, second] = args;
  const end = args.indexOf('--');
  const isAsked = args.slice(0, end < 0 ? args.length : end).some((arg) => arg === '--help' || arg === '-h');
  if (!isAsked && first !== 'help') return undefined;
  const named = first === 'help' ? second : first;
  if (named === undefined || named.startsWith('-')) return programHelp(commands, columns);
  const command = commands.find(({ name }) => name === named);
  if (command === undefined) {
    throw new UsageError(`${named}: there is no such command; see chat-export --help`);
  }
  return commandHelp(command, await command.flags(), columns);
}
