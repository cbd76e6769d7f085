import type { ExitLine } from './exit-meanings.ts';
import type { Flags } from './flag.ts';
import type { ProcessContext } from './process-context.ts';

/** The arguments of the command line by name: texts, and true for a flag without a value. */
export type CommandArguments = Readonly<Record<string, unknown>>;

/** The arguments beside flags, in order. */
export type Argument = {
  readonly name: string;
  readonly describe: string;
  readonly isRequired?: true;
  readonly choices?: readonly string[];
};

/** A command of the command line. Each is a folder of `commands/`. */
export type Command = {
  readonly name: string;
  /** Its purpose, for the list of commands. */
  readonly summary: string;
  readonly arguments?: readonly Argument[];
  /** Loaded only when the command is used. */
  readonly flags: () => Flags | Promise<Flags>;
  /** Command lines without the program's name, each with its effect. */
  readonly examples: readonly (readonly [commandLine: string, does: string])[];
  /** Further notes, a paragraph each. */
  readonly notes?: readonly string[];
  readonly exits: readonly ExitLine[];
  /**
   * Runs the command, by a `…-command.ts` that is imported only then: `--version` and `--help` stay quick.
   * @returns the exit code
   */
  readonly start: (given: CommandArguments, surroundings: ProcessContext) => Promise<number>;
};

/** The job file in the arguments, if any. */
export const jobFileArgument = ({ job }: CommandArguments): string | undefined =>
  typeof job === 'string' ? job : undefined;
