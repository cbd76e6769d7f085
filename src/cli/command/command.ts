import type { ExitLine } from './exit-meanings.ts';
import type { Flags } from './flag.ts';
import type { ProcessContext } from './process-context.ts';

/** What was given on the command line, by its name there: texts, and true for a flag without a value. */
export type Given = Readonly<Record<string, unknown>>;

/** What a command takes beside flags, in this order. */
export type Argument = {
  readonly name: string;
  readonly describe: string;
  readonly isRequired?: true;
  readonly choices?: readonly string[];
};

/** A command as the command line knows it; each is a file of `commands/`. */
export type Command = {
  readonly name: string;
  /** What it does, for the list of commands. */
  readonly summary: string;
  readonly arguments?: readonly Argument[];
  /** Asked for only when the command was. */
  readonly flags: () => Flags | Promise<Flags>;
  /** Command lines without the program's name, and what each does. */
  readonly examples: readonly (readonly [commandLine: string, does: string])[];
  /** What more there is to say, a paragraph each. */
  readonly notes?: readonly string[];
  readonly exits: readonly ExitLine[];
  /**
   * Does it, by a `…-command.ts` that is imported only then: `--version` and `--help` stay quick.
   * @returns the exit code
   */
  readonly start: (given: Given, surroundings: ProcessContext) => Promise<number>;
};

/** The job file that was named, if one was. */
export const jobFileOf = ({ job }: Given): string | undefined => (typeof job === 'string' ? job : undefined);
