interface Described {
  /** The heading under which `--help` lists the option. */
  readonly group:
    | 'User list'
    | 'Destination'
    | 'App'
    | 'Network'
    | 'API calls'
    | 'Rows'
    | 'Guards'
    | 'Run'
    | 'Monitoring'
    | 'Output';
  /** One sentence. */
  readonly description: string;
  /** Stands for the value in help and messages; booleans have none. */
  readonly placeholder?: string;
  /** The default as a person would type it. It is read by the same code as a typed one. */
  readonly default?: string;
  /** `false`: the option is chosen for each attempt, so a job file may not contain it. */
  readonly file?: false;
  /** `true`: the flag may be repeated. Elsewhere, commas separate the values. */
  readonly many?: true;
}

interface Switch {
  readonly kind: 'boolean';
}

interface Text {
  readonly kind: 'text' | 'path';
  /** A regular expression that valid texts match. The reader of the value checks more. */
  readonly form?: string;
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
  /** The unit of the number, as it follows the number in a sentence. */
  readonly unit?: string;
  /** A word that may stand in place of the number. */
  readonly word?: string;
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
  /** The total of the share, or the unit of the number. */
  readonly unit: string;
}

/** One option of `run`, as data. Its flag, its variable and its key in the job file follow from its name. */
export type Option = Described & (Switch | Text | Choice | Numeric | Duration | Share);
