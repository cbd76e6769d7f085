import { inspect } from 'node:util';

const LONGEST = 80;

/** A value or a name on one line, short enough for a message. */
export function shownBriefly(value: unknown): string {
  const shown = inspect(value, {
    depth: 3,
    compact: true,
    breakLength: Number.POSITIVE_INFINITY,
    maxArrayLength: 5,
    maxStringLength: LONGEST,
  });
  return shown.length > LONGEST ? `${shown.slice(0, LONGEST)}…` : shown;
}

/** The name of an option or of a fault; quoted when it holds more than letters, digits, `_` and `-`. */
export const shownName = (name: string): string => (/^[\w-]{1,60}$/.test(name) ? name : shownBriefly(name));

interface Rules {
  readonly secret?: boolean;
  readonly nullable?: boolean;
}

/** The place of a value, such as `script.0.calls`, and the list for its problems. */
export class ValuePlace {
  readonly #path: string;
  readonly #problems: string[];
  readonly #rules: Rules;

  constructor(path: string, problems: string[], rules: Rules = {}) {
    this.#path = path;
    this.#problems = problems;
    this.#rules = rules;
  }

  /** The place of a part of the value. */
  part(key: string | number): ValuePlace {
    return new ValuePlace(`${this.#path}.${shownName(String(key))}`, this.#problems);
  }

  /** Adds a problem: what was expected, and the value. `hint` begins with a verb. */
  refuse(expected: string, value: unknown, hint = ''): undefined {
    const { secret = false, nullable = false } = this.#rules;
    const found = secret ? 'the given value (hidden)' : shownBriefly(value);
    const orNull = nullable ? ', or null' : '';
    this.#problems.push(
      `${this.#path}: expected ${expected}${orNull}, not ${found}${hint === '' ? '' : `; ${hint}`}`,
    );
    return undefined;
  }
}
