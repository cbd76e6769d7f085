import { grouped, percent, rateText } from '../../text/format.ts';
import { chart, type Picture } from './chart.ts';
import { type Html, html } from './html.ts';
import type { ShownBucket, ShownTimeline } from './run-timeline.ts';

/** Calls a second, against the rate of each attempt. */
export function rate({ attempts }: ShownTimeline, picture: Picture): Html {
  const quotaAt = ({ start }: ShownBucket): number => attempts[start]?.quota ?? 0;
  const seconds = ({ from, to }: ShownBucket): number => to - from;
  const calls = picture.buckets.reduce((sum, bucket) => sum + bucket.calls, 0);
  const possible = picture.buckets.reduce((sum, bucket) => sum + quotaAt(bucket) * seconds(bucket), 0);
  const used = percent(possible > 0 ? calls / possible : 0);
  const quotas = [...new Set(attempts.map(({ quota }) => quota))];
  const quota =
    quotas.length === 1 ? `${rateText(quotas[0] ?? 0)} calls a second` : 'each attempt had its own';
  return html`<section><h2>Calls a second, against the quota</h2>
<p><b>${used}</b> of the quota was used: ${grouped(calls)} calls were sent, those for what was not committed included. Quota: ${quota}.</p>
${chart({
  ...picture,
  id: 'rate',
  title: 'Calls a second',
  description: `Calls a second over the run, with the quota as a dashed line. In all, ${used} of it was used.`,
  series: [
    { name: 'calls a second', tone: 't1', valueAt: (bucket) => bucket.calls / seconds(bucket) },
    { name: 'quota', tone: 'limit', valueAt: quotaAt },
  ],
  isStacked: false,
  shown: rateText,
})}</section>`;
}
