import { scaleUtc } from 'd3-scale';
import type { RunAttempt } from './run-timeline.ts';

/** A labelled instant of the axis. */
export type Tick = { readonly at: number; readonly text: string };

/** The time axis of a chart: the attempts of a run side by side, without the time between them. Positions are 0 to 1. */
export type TimeAxis = {
  readonly place: (start: number, seconds: number) => number;
  readonly ticks: readonly Tick[];
  /** The start of each further attempt. */
  readonly breaks: readonly Tick[];
};

// All gaps together take no more than a fifth.
const GAP = 0.012;
const MAX_GAPS = 0.2;
const TICKS = 7;
// Labels nearer than this would overlap on a phone; a label further right would leave the chart.
const LEAST_DISTANCE = { withSeconds: 0.18, without: 0.13 };
const LAST = 0.95;

export function timeAxis(attempts: readonly Pick<RunAttempt, 'startedAt' | 'seconds'>[]): TimeAxis {
  const all = attempts.reduce((sum, { seconds }) => sum + seconds, 0) || 1;
  const gap = Math.min(GAP, MAX_GAPS / Math.max(1, attempts.length - 1));
  const room = 1 - gap * Math.max(0, attempts.length - 1);
  let end = 0;
  const scales = attempts.map(({ startedAt, seconds }, i) => {
    const from = i === 0 ? 0 : end + gap;
    end = from + (seconds / all) * room;
    const began = Date.parse(startedAt);
    return { began, scale: scaleUtc([began, began + seconds * 1000], [from, end]), share: seconds / all };
  });
  const ticks: Tick[] = [];
  const withSeconds = all / TICKS < 60;
  const distance = withSeconds ? LEAST_DISTANCE.withSeconds : LEAST_DISTANCE.without;
  for (const { scale, share } of scales) {
    for (const instant of scale.ticks(Math.max(1, Math.round(TICKS * share)))) {
      const at = scale(instant);
      if (at - (ticks.at(-1)?.at ?? -1) < distance || at > LAST) continue;
      ticks.push({ at, text: clock(instant, withSeconds) });
    }
  }
  return {
    place: (start, seconds) => {
      const one = scales[start];
      return one === undefined ? 0 : one.scale(one.began + seconds * 1000);
    },
    ticks,
    breaks: scales.map(({ scale }, i) => ({ at: scale.range()[0] ?? 0, text: `attempt ${i + 1}` })).slice(1),
  };
}

/** 03:00 or 03:00:15; midnight is a day: 27 Nov. */
function clock(instant: Date, withSeconds: boolean): string {
  const text = instant.toISOString();
  if (text.slice(11, 19) === '00:00:00') {
    return instant.toLocaleDateString('en-GB', { day: 'numeric', month: 'short', timeZone: 'UTC' });
  }
  return text.slice(11, withSeconds ? 19 : 16);
}
