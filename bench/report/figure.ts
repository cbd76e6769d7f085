import type { Spread } from '../statistics.ts';

/** What a figure's number is. */
export type Unit = keyof typeof writers;

/** What a figure should come to: at least, or at most, so much. */
export type Reach = { readonly least: number } | { readonly most: number };

/** One thing that was measured against another. */
export type Figure = {
  readonly what: string;
  readonly against: string;
  readonly unit: Unit;
  readonly value: Spread;
  /** Null where nothing was set out to be reached. */
  readonly reach: Reach | null;
  /** What the number comes from, in the units of the things themselves. */
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

/** The median and, where they differ, the least and the most. */
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

/** Whether the median is there; null where nothing was set out to be reached. */
export function isReached({ value, reach }: Pick<Figure, 'value' | 'reach'>): boolean | null {
  if (reach === null) return null;
  return 'least' in reach ? value.median >= reach.least : value.median <= reach.most;
}
