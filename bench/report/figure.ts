import type { Spread } from '../statistics.ts';

/** The unit of a figure's number. */
export type Unit = keyof typeof writers;

/** The goal of a figure: at least, or at most, this much. */
export type Reach = { readonly least: number } | { readonly most: number };

/** The measurement of one thing against another. */
export type Figure = {
  readonly what: string;
  readonly against: string;
  readonly unit: Unit;
  readonly value: Spread;
  /** Null without a goal. */
  readonly reach: Reach | null;
  /** The source of the number, in the units of the things themselves. */
  readonly detail: string;
};

const writers = {
  ratio: (value: number) => value.toFixed(value >= 10 ? 1 : 2),
  share: (value: number) => `${(value * 100).toFixed(2)} %`,
  MiB: (value: number) => `${Math.round(value)} MiB`,
  bytes: (value: number) => `${Math.round(value)} B`,
  count: (value: number) => String(Math.round(value)),
} as const;

export const shownValue = (value: number, unit: Unit): string => writers[unit](value);

/** The median and, if they differ, the smallest and the largest. */
export function shownSpread({ median, min, max }: Spread, unit: Unit): string {
  const [middle, least, most] = [median, min, max].map((value) => shownValue(value, unit));
  return least === most ? `${middle}` : `${middle} (${least} to ${most})`;
}

export function shownReach(reach: Reach | null, unit: Unit): string {
  if (reach === null) return '';
  return 'least' in reach
    ? `at least ${shownValue(reach.least, unit)}`
    : `at most ${shownValue(reach.most, unit)}`;
}

/** Whether the median reaches the goal; null without a goal. */
export function isReached({ value, reach }: Pick<Figure, 'value' | 'reach'>): boolean | null {
  if (reach === null) return null;
  return 'least' in reach ? value.median >= reach.least : value.median <= reach.most;
}
