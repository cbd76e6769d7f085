import type { SimulatorOptions } from '../options/options.ts';

/**
 * How many calls a second consumer of the quota makes after `from` and up to `to`, seconds since the first call of the recorded
 * client. A function of the options: a change of them counts from the start.
 */
export const otherCallsBetween = (
  { otherCalls: rate, otherCallsSeconds }: SimulatorOptions,
  from: number,
  to: number,
): number => {
  const [begin, end] = otherCallsSeconds ?? [Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY];
  const [first, last] = [Math.max(from, begin), Math.min(to, end)];
  return last > first ? Math.floor(last * rate) - Math.floor(first * rate) : 0;
};
