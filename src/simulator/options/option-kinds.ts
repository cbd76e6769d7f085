import type { Fault, ScriptedFault } from './fault.ts';

interface Described {
  /** The heading under which help lists the option. */
  readonly group: 'Service' | 'Users and their content' | 'Pages' | 'Quota and faults';
  /** Sentences. The first begins with a verb. */
  readonly description: string;
  /** Stands for the value in help. */
  readonly placeholder: string;
  /** The option may change while the simulator runs. */
  readonly mayChange?: true;
  /** No flag takes the value, and no message shows it. */
  readonly secret?: true;
}

/** A default value. A nullable option accepts null as well. */
type WithDefault<T> =
  | { readonly nullable?: never; readonly default: T }
  | { readonly nullable: true; readonly default: T | null };

/** Both bounds are included. Without a bound, the range is open on that side. */
export interface Bounds {
  readonly min?: number;
  readonly max?: number;
}

interface Counted {
  /** The unit of the number, as it follows the number in a sentence. */
  readonly unit?: string;
}

/** The values of each kind but `choice`, whose values are its choices. A `range` is two numbers from 0, in order. */
interface KindValues {
  text: string;
  integer: number;
  number: number;
  share: number;
  boolean: boolean;
  range: [from: number, to: number];
  'fault-shares': Partial<Record<Fault, number>>;
  'fault-script': ScriptedFault[];
}

type Kind<K extends keyof KindValues> = { readonly kind: K } & WithDefault<Readonly<KindValues[K]>>;

type Choice = { readonly kind: 'choice'; readonly choices: readonly (string | number)[] } & WithDefault<
  string | number
>;

/** One option of the simulator, as data. */
export type SimulatorOption = Described &
  (
    | Kind<'text' | 'share' | 'boolean' | 'fault-shares' | 'fault-script'>
    | (Kind<'integer' | 'number'> & Bounds & Counted)
    | (Kind<'range'> & Counted)
    | Choice
  );

type KindValueOf<O> = O extends { kind: 'choice'; choices: readonly (infer C)[] }
  ? C
  : O extends { kind: keyof KindValues }
    ? KindValues[O['kind']]
    : never;

/** The type of an option's value. */
export type OptionValue<O> = KindValueOf<O> | (O extends { nullable: true } ? null : never);

/** `from 0`, `from 1 to 65,535`, or an empty text when there are no bounds. */
export function boundsText({ min, max }: Bounds): string {
  const shown = (bound: number): string => bound.toLocaleString('en');
  if (min === undefined) return max === undefined ? '' : `up to ${shown(max)}`;
  return max === undefined ? `from ${shown(min)}` : `from ${shown(min)} to ${shown(max)}`;
}
