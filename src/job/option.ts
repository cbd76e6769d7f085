interface Described {
  /** The heading under which `--help` lists the option. */
  readonly group:
    | 'User list'
    | 'Destination'
    | 'App'
    | 'Network'
    | 'Pulling'
    | 'Rows'
    | 'Guards'
    | 'Run'
    | 'Watching'
    | 'Output';
  /** One sentence, with the unit of the value. */
  readonly description: string;
  /** What stands for the value in help and messages; booleans have none. */
  readonly placeholder?: string;
  /** The default as a person would type it; it is read by the same code as a typed one. */
  readonly default?: string;
  /** `false`: the option is decided anew for each start, so a job file may not hold it. */
  readonly file?: false;
  /** `true`: the flag may be repeated; elsewhere, commas part the values. */
  readonly many?: true;
}

interface Plain {
  readonly kind: 'text' | 'path' | 'boolean';
}

interface Choice {
  readonly kind: 'choice';
  readonly choices: readonly string[];
}

/** `whole`: digits only. `number`: decimals too. Both bounds belong to the range. */
interface Numeric {
  readonly kind: 'whole' | 'number';
  readonly min: number;
  readonly max: number;
}

/** Bounds as a person would type them; `above` itself is refused, `because` ends the message with the reason. */
interface Duration {
  readonly kind: 'duration';
  readonly min?: string;
  readonly above?: string;
  readonly max: string;
  readonly because?: string;
}

/** `share`: a percentage, written with its sign. `share-or-number`: the same, or a whole number. */
interface Share {
  readonly kind: 'share' | 'share-or-number';
}

/** One option of `run`, as data: its flag, its variable and its key in the job file follow from its name. */
export type Option = Described & (Plain | Choice | Numeric | Duration | Share);
