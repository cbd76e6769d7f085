import type { Argv, Options } from 'yargs';
import type { Surroundings } from './surroundings.ts';

/** What was given on the command line, by its name there: texts, and true for a flag without a value. */
export type Flags = Readonly<Record<string, unknown>>;

/** What yargs is told of each flag. */
export type FlagOptions = Readonly<Record<string, Options>>;

/** A command as the command line knows it; each is a file of `commands/`. */
export type Command = {
  /** Its name and its arguments: `show <run> [job]`. */
  readonly usage: string;
  /** What it does, for the list of commands. */
  readonly summary: string;
  /** Its flags by name; asked for only when the command was. */
  readonly flags: () => FlagOptions | Promise<FlagOptions>;
  /** Tells yargs what is more to its arguments than `usage` says. */
  readonly positionals?: (yargs: Argv) => Argv;
  /** Command lines, `$0` for the program, and what each does. */
  readonly examples?: readonly (readonly [commandLine: string, does: string])[];
  /** The last words of its help. */
  readonly epilogue?: string;
  /**
   * Does it, by a `…-command.ts` that is imported only then: `--version` and `--help` stay quick.
   * @returns the exit code
   */
  readonly start: (flags: Flags, surroundings: Surroundings) => Promise<number>;
};

/** The job file that was named, if one was. */
export const jobFileOf = ({ job }: Flags): string | undefined => (typeof job === 'string' ? job : undefined);
