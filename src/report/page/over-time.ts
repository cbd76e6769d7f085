import type { RunOutcome } from '../../run/export-run.ts';
import type { Picture } from './chart.ts';
import { failedCalls, failedCallsInAll, type MeaningOf } from './failed-calls.ts';
import { type Html, html } from './html.ts';
import { latency } from './latency.ts';
import { rate } from './rate.ts';
import { type Course, type ShownStretch, shownStretches } from './stretches.ts';
import { timeAxis } from './time-axis.ts';
import { timeBreakdown } from './waits.ts';

/** Rate, waits, latency and failed calls of a run over time; in their place a sentence where nothing of it was recorded. */
export function overTime(
  course: Course,
  { retries, errors }: RunOutcome['record']['counts'],
  meaningOf: MeaningOf,
): Html {
  const { starts, latencyBoundsMs } = course;
  const stretches = shownStretches(starts);
  if (stretches.length === 0) {
    return html`<section><h2>Over time</h2>
<p>Nothing over time is recorded for this run: there is no rate, no latency and no waiting to show.</p></section>
${failedCallsInAll(errors, retries, meaningOf)}`;
  }
  const picture: Picture = { stretches, axis: timeAxis(starts), when: (stretch) => clock(course, stretch) };
  return html`${rate(course, picture)}
${timeBreakdown(picture)}
${latency(latencyBoundsMs, picture)}
${failedCalls(picture, retries, meaningOf)}`;
}

const clock = ({ starts }: Course, { start, from }: ShownStretch): string =>
  new Date(Date.parse(starts[start]?.beganAt ?? '') + from * 1000)
    .toISOString()
    .slice(0, 19)
    .replace('T', ' ');
