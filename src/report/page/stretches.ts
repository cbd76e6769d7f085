import type { ShownRun } from '../../past-runs/list-runs.ts';

/** What a run saw over time. */
export type Course = ShownRun['course'];

/** One start of it. */
export type Start = Course['starts'][number];

type Stretch = Start['stretches'][number];

/** A stretch of a start as the page shows it. */
export type ShownStretch = Stretch & {
  /** Which start, from 0. */
  readonly start: number;
  /** Seconds into the start. */
  readonly from: number;
  readonly to: number;
};

// As many as can be told apart on a screen, and read in a table.
const MOST_SHOWN = 120;

/** The stretches of all starts, several put together where there are too many to show. */
export function shownStretches(starts: readonly Start[]): ShownStretch[] {
  const longest = Math.max(0, ...starts.map(({ stretches }) => stretches.length));
  for (let together = 1; ; together += 1) {
    const shown = starts.reduce((sum, { stretches }) => sum + Math.ceil(stretches.length / together), 0);
    if (shown > MOST_SHOWN && together < longest) continue;
    return starts.flatMap((start, number) => putTogether(start, number, together));
  }
}

function putTogether({ stretches, stretchSeconds, seconds }: Start, start: number, together: number) {
  const shown: ShownStretch[] = [];
  for (let first = 0; first < stretches.length; first += together) {
    const some = stretches.slice(first, first + together);
    const from = first * stretchSeconds;
    const end = from + some.length * stretchSeconds;
    const to = first + together < stretches.length ? end : Math.min(end, seconds);
    if (to <= from) continue;
    const last = shown.at(-1);
    // A short rest would show a rate that was never kept.
    if (last !== undefined && to - from < (together * stretchSeconds) / 2) {
      shown.splice(-1, 1, { ...addUp([last, ...some]), start, from: last.from, to });
    } else {
      shown.push({ ...addUp(some), start, from, to });
    }
  }
  return shown;
}

/** Several stretches as one. */
export function addUp(stretches: readonly Stretch[]): Stretch {
  const errors: Record<string, number> = {};
  const latencies: number[] = [];
  const waits = { quota: 0, latency: 0, backOff: 0, destination: 0 };
  let calls = 0;
  for (const stretch of stretches) {
    calls += stretch.calls;
    for (const [cause, count] of Object.entries(stretch.errors)) errors[cause] = (errors[cause] ?? 0) + count;
    for (const [place, count] of stretch.latencies.entries())
      latencies[place] = (latencies[place] ?? 0) + count;
    for (const wait of Object.keys(waits) as (keyof typeof waits)[]) waits[wait] += stretch.waits[wait];
  }
  return { calls, errors, latencies, waits };
}
