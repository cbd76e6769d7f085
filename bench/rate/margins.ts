import { options } from '../../src/config/model/options.ts';
import { mean, median } from '../statistics.ts';
import type { Kept, Margin } from './paced-run.ts';

/** `--rate-margin auto`, where the program has it. */
export const AUTO: readonly Margin[] = 'word' in options['rate-margin'] ? ['auto'] : [];

/** From this second on to before that one, of each of some runs; the last second of a run is cut short by its end. */
export type Seconds = readonly [from: number, to?: number];

/** Calls a second that were answered, as a share of the quota: the median of the runs. */
export const answeredShare = (runs: readonly Kept[], seconds: Seconds): number =>
  median(
    runs.map((run) => (mean(part(run.callsBySecond, seconds)) - refusedInASecond(run, seconds)) / run.rate),
  );

/** The share of calls that were refused: the median of the runs. */
export const refusedShare = (runs: readonly Kept[], seconds: Seconds): number =>
  median(runs.map((run) => refusedInASecond(run, seconds) / mean(part(run.callsBySecond, seconds))));

const refusedInASecond = ({ callsBySecond, refusedBySecond }: Kept, seconds: Seconds): number =>
  mean(
    part(
      callsBySecond.map((_, second) => refusedBySecond[second] ?? 0),
      seconds,
    ),
  );

const part = (counts: readonly number[], [from, to = -1]: Seconds): readonly number[] =>
  counts.slice(from, to);

export const shownMargin = (margin: Margin): string => (margin === 'auto' ? margin : `${margin} ms`);

const percent = (share: number): string => (share * 100).toFixed(2);

/** A cell of a table. */
export const answeredAndRefused = (runs: readonly Kept[], seconds: Seconds): string =>
  `${percent(answeredShare(runs, seconds))} / ${percent(refusedShare(runs, seconds))}`;

/** The fixed margin of some with which most calls are answered. */
export function bestFixed(
  runsOf: (margin: Margin) => readonly Kept[],
  margins: readonly Margin[],
  seconds: Seconds,
): { readonly margin: Margin; readonly answered: number } {
  const fixed = margins.filter((margin) => margin !== 'auto');
  const [best] = fixed
    .map((margin) => ({ margin, answered: answeredShare(runsOf(margin), seconds) }))
    .sort((a, b) => b.answered - a.answered);
  if (best === undefined) throw new RangeError('there is no fixed margin to compare with');
  return best;
}
