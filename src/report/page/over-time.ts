import type { RunOutcome } from '../../run/export-run.ts';
import type { Picture } from './chart.ts';
import { failedCallsInAll, failedCallsSection, type MeaningOf } from './failed-calls.ts';
import { type Html, html } from './html.ts';
import { latency } from './latency.ts';
import { rate } from './rate.ts';
import { type ShownBucket, type ShownTimeline, shownBuckets } from './run-timeline.ts';
import { timeAxis } from './time-axis.ts';
import { timeBreakdown } from './waits.ts';

/** Rate, waits, latency and failed calls of a run over time, or a sentence when nothing was recorded. */
export function overTime(
  timeline: ShownTimeline,
  { retries, errors }: RunOutcome['record']['counts'],
  meaningOf: MeaningOf,
): Html {
  const { attempts, latencyBoundsMs } = timeline;
  const buckets = shownBuckets(attempts);
  if (buckets.length === 0) {
    return html`<section><h2>Over time</h2>
<p>This run has no recorded timeline: no rate, no latency and no waiting can be shown.</p></section>
${failedCallsInAll(errors, retries, meaningOf)}`;
  }
  const picture: Picture = { buckets, axis: timeAxis(attempts), when: (bucket) => clock(timeline, bucket) };
  return html`${rate(timeline, picture)}
${timeBreakdown(picture)}
${latency(latencyBoundsMs, picture)}
${failedCallsSection(picture, retries, meaningOf)}`;
}

const clock = ({ attempts }: ShownTimeline, { start, from }: ShownBucket): string =>
  new Date(Date.parse(attempts[start]?.startedAt ?? '') + from * 1000)
    .toISOString()
    .slice(0, 19)
    .replace('T', ' ');
