/** A flag of the command line, with its help. */
export type Flag = {
  /** The heading under which help lists it. */
  readonly group: string;
  /** One sentence. */
  readonly describe: string;
  /** Stands for its value in help. A flag without one is a switch, and takes no value. */
  readonly placeholder?: string;
  /** The value without the flag, in words. */
  readonly default?: string;
  /** Follows a number in a sentence. */
  readonly unit?: string;
  /** The allowed values. */
  readonly choices?: readonly string[];
  /** The smallest and the largest value, in words. */
  readonly range?: string;
  /** `true`: the flag is chosen for each attempt, so a job file does not contain it. */
  readonly isOfStart?: true;
};

/** Flags by their names without dashes, in the order of help. */
export type Flags = Readonly<Record<string, Flag>>;

/** `Default: 200 calls a second.`, or nothing. */
export function defaultText({ default: value, unit = '' }: Flag): string {
  if (value === undefined) return '';
  // A share brings its own sign.
  return `Default: ${`${value} ${value.endsWith('%') ? unit.replace(/^% */, '') : unit}`.trim()}.`;
}
