import { percent, timeSpan } from '../../text/format.ts';
import { chart, type Picture, type Series } from './chart.ts';
import { type Html, html, withOptions } from './html.ts';
import { addUp, type ShownBucket } from './run-timeline.ts';
import { figureTable } from './table.ts';

type Wait = keyof ShownBucket['waits'];

const waits: readonly {
  readonly name: Wait;
  readonly title: string;
  readonly means: string;
  readonly tone: string;
}[] = [
  {
    name: 'quota',
    title: 'the quota',
    means: 'calls waited for the rate limiter: the run was as fast as the quota allows',
    tone: 't6',
  },
  {
    name: 'latency',
    title: 'latency',
    means: 'all --concurrency slots were in use',
    tone: 't1',
  },
  {
    name: 'backOff',
    title: 'backing off',
    means: 'throttled after rate-limit errors, or only users left who wait for a retry',
    tone: 't2',
  },
  {
    name: 'destination',
    title: 'the destination',
    means: 'chunks had to be committed before more users could be pulled',
    tone: 't4',
  },
];

/** The bottlenecks of a run, in total and over time. */
export function timeBreakdown(picture: Picture): Html {
  const total = addUp(picture.buckets).waits;
  const all = waits.reduce((sum, { name }) => sum + total[name], 0);
  if (all === 0)
    return html`<section><h2>Where the time went</h2><p>The run waited for nothing.</p></section>`;
  const shareFor = (name: Wait, of = total): number => {
    const sum = waits.reduce((added, wait) => added + of[wait.name], 0);
    return sum > 0 ? of[name] / sum : 0;
  };
  const longest = waits.reduce((a, b) => (total[b.name] > total[a.name] ? b : a));
  const summary = `${percent(shareFor(longest.name))} of the time, the run waited for ${longest.title}`;
  return html`<section><h2>Where the time went</h2>
<p>Most of all, the run waited for <b>${longest.title}</b>: ${percent(shareFor(longest.name))} of the time.</p>
${bar(waits.map(({ name, tone }) => ({ share: shareFor(name), tone })))}
${figureTable({
  caption: 'What the run waited for, in all',
  columns: ['For', 'Share', 'Time'],
  rows: waits.map(({ name, title, means, tone }) => [
    html`<i class="${tone}"></i>${title}<small>${withOptions(means)}</small>`,
    percent(shareFor(name)),
    timeSpan(total[name]),
  ]),
})}
${chart({
  ...picture,
  id: 'waits',
  title: 'What the run waited for, as shares of the time',
  description: `What kept the run from going faster, over the run, as shares of the time. ${summary}.`,
  series: waits.map(
    ({ name, title, tone }): Series => ({
      name: title,
      tone,
      valueAt: (bucket) => 100 * shareFor(name, bucket.waits),
    }),
  ),
  isStacked: true,
  upTo: 100,
  shown: (value) => `${value.toFixed(0)} %`,
})}</section>`;
}

/** Shares of a whole, side by side; the figures are in the table beside it. */
function bar(shares: readonly { readonly share: number; readonly tone: string }[]): Html {
  let from = 0;
  const parts = shares.map(({ share, tone }) => {
    const part = html`<rect class="area ${tone}" x="${cut(from)}%" width="${cut(share)}%" height="14"/>`;
    from += share;
    return part;
  });
  return html`<svg class="bar" width="100%" height="14" aria-hidden="true">${parts}</svg>`;
}

const cut = (share: number): string => (share * 100).toFixed(2);
