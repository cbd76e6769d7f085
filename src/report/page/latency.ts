import { grouped } from '../../text/format.ts';
import { chart, type Picture, type Series } from './chart.ts';
import { type Html, html } from './html.ts';
import { addUp } from './run-timeline.ts';

const percentiles = [
  { name: 'p50', share: 0.5, tone: 't1', who: 'half of them' },
  { name: 'p95', share: 0.95, tone: 't2', who: '95 %' },
  { name: 'p99', share: 0.99, tone: 't3', who: '99 %' },
] as const;

/** The latency of answered calls. */
export function latency(boundsMs: readonly number[], picture: Picture): Html {
  const most = boundsMs.at(-1) ?? 0;
  const text = (ms: number): string => (ms > most ? `over ${timeText(most)}` : timeText(ms));
  const { latencies } = addUp(picture.buckets);
  const answered = latencies.reduce((sum, count) => sum + count, 0);
  if (answered === 0) return html`<section><h2>Latency</h2><p>No call had an answer.</p></section>`;
  const summary = percentiles.map(({ who, share }) => ({
    who,
    most: text(percentile(boundsMs, latencies, share) ?? 0),
  }));
  return html`<section><h2>Latency</h2>
<p>${grouped(answered)} calls had an answer: ${summary.map(({ who, most }, i) => html`${i === 0 ? '' : ', '}${who} within <b>${most}</b>`)}.
Times are known within a quarter of their value.</p>
${chart({
  ...picture,
  id: 'latency',
  title: 'Latency of calls that had an answer',
  description: `Latency over the run at the 50th, the 95th and the 99th percentile. In all, ${summary.map((one) => `${one.who} took at most ${one.most}`).join(', ')}.`,
  series: percentiles.map(
    ({ name, share, tone }): Series => ({
      name,
      tone,
      // Values beyond the last bound are drawn there.
      valueAt: (bucket) => {
        const value = percentile(boundsMs, bucket.latencies, share);
        return value === null ? null : Math.min(value, boundsMs.at(-1) ?? value);
      },
    }),
  ),
  isStacked: false,
  shown: text,
})}</section>`;
}

const timeText = (ms: number): string =>
  ms >= 1_000
    ? `${(ms / 1000).toLocaleString('en-US', { maximumFractionDigits: 1 })} s`
    : `${grouped(ms)} ms`;

/**
 * The smallest upper bound that at least this share of the values does not pass. Infinity beyond the last bound, null without
 * values.
 * @param counts one for each bound, and one more for the values beyond the last
 * @param share 0 to 1
 */
export function percentile(
  bounds: readonly number[],
  counts: readonly number[],
  share: number,
): number | null {
  const all = counts.reduce((sum, count) => sum + count, 0);
  if (all === 0) return null;
  const wanted = Math.max(1, Math.ceil(all * share));
  let passed = 0;
  const place = counts.findIndex((count) => {
    passed += count;
    return passed >= wanted;
  });
  return bounds[place] ?? Number.POSITIVE_INFINITY;
}
