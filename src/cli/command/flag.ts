/** A flag as the command line takes it and help shows it. */
export type Flag = {
  /** The heading under which help lists it. */
  readonly group: string;
  /** One sentence. */
  readonly describe: string;
  /** What stands for its value in help; a flag without one is a switch, and takes none. */
  readonly placeholder?: string;
  /** What the value is when the flag is not given, in words. */
  readonly default?: string;
  /** Follows a number in a sentence. */
  readonly unit?: string;
  /** The values that there are. */
  readonly choices?: readonly string[];
  /** The least and the most, in words. */
  readonly range?: string;
  /** `true`: each attempt decides anew, so a job file does not hold it. */
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
