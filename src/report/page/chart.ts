import { scaleLinear } from 'd3-scale';
import { area, curveStepAfter, line, stack } from 'd3-shape';
import { type Html, html } from './html.ts';
import type { ShownBucket } from './run-timeline.ts';
import { figureTable } from './table.ts';
import type { TimeAxis } from './time-axis.ts';

/** One series of a chart. A tone is a class of the style sheet. */
export type Series = {
  readonly name: string;
  readonly tone: string;
  /** Null when a bucket has no value. */
  readonly valueAt: (bucket: ShownBucket) => number | null;
};

export type ChartOptions = {
  /** Distinct within the page. */
  readonly id: string;
  readonly title: string;
  /** A description for people who cannot see the chart. */
  readonly description: string;
  readonly buckets: readonly ShownBucket[];
  readonly axis: TimeAxis;
  readonly series: readonly Series[];
  /** Whether each series is stacked on the one before. */
  readonly isStacked: boolean;
  /** The end of the vertical axis; without it, above the highest value. */
  readonly upTo?: number;
  /** Formats a value for the axis and the table. */
  readonly shown: (value: number) => string;
  /** The start of a bucket, for the table. */
  readonly when: (bucket: ShownBucket) => string;
};

/** The settings common to all charts of a page. */
export type Picture = Pick<ChartOptions, 'buckets' | 'axis' | 'when'>;

// Horizontal positions are shares of the width, so that the chart fits a phone and its letters keep their size.
const WIDTH = 1_000;
const PLOT = 190;
const TOP = 16;
const HEADROOM = 1.06;
const HEIGHT = TOP + PLOT + 24;

/** A chart over time with its legend above, and its figures as a table below. */
export function chart(options: ChartOptions): Html {
  const { id, title, description, series, axis, buckets, shown } = options;
  const layers = options.isStacked ? stacked(options) : overlaid(options);
  const most = options.upTo ?? layers.most * HEADROOM;
  const scale = scaleLinear([0, most > 0 ? most : 1], [PLOT, 0]);
  const y = (value: number): number => round(scale(value));
  return html`<figure>
<ul class="key">${series.map(({ name, tone }) => html`<li><i class="${tone}"></i>${name}</li>`)}</ul>
<svg class="chart" role="img" aria-labelledby="${id}-title ${id}-text" height="${HEIGHT}">
<title id="${id}-title">${title}</title><desc id="${id}-text">${description}</desc>
<g aria-hidden="true">
${scale.ticks(4).map(
  (tick) => html`<line class="grid" x1="0" x2="100%" y1="${y(tick) + TOP}" y2="${y(tick) + TOP}"/>
<text class="tick" x="-6" y="${y(tick) + TOP + 4}" text-anchor="end">${shown(tick)}</text>`,
)}
<svg x="0" y="${TOP}" width="100%" height="${PLOT}" viewBox="0 0 ${WIDTH} ${PLOT}" preserveAspectRatio="none">
${layers.paths(y).map(({ tone, path, isLine }) => html`<path class="${isLine ? 'line' : 'area'} ${tone}" d="${path}"/>`)}
</svg>
${axis.breaks.map(
  ({ at, text }) => html`<line class="break" x1="${share(at)}" x2="${share(at)}" y1="0" y2="${TOP + PLOT}"/>
<text class="tick" x="${share(at)}" dx="${at > 0.85 ? -4 : 4}" y="10" text-anchor="${at > 0.85 ? 'end' : 'start'}">${text}</text>`,
)}
${axis.ticks.map(
  ({ at, text }) =>
    html`<text class="tick" x="${share(at)}" y="${HEIGHT - 5}" text-anchor="middle">${text}</text>`,
)}
</g>
</svg>
<details><summary>These figures as a table</summary>
${figureTable({
  caption: `${title}, by the time at which a bucket began`,
  columns: ['Time (UTC)', ...series.map(({ name }) => name)],
  rows: buckets.map((bucket) => [
    options.when(bucket),
    ...series.map(({ valueAt }) => {
      const value = valueAt(bucket);
      return value === null ? '' : shown(value);
    }),
  ]),
})}
</details>
</figure>`;
}

type Path = { readonly tone: string; readonly path: string; readonly isLine: boolean };
type Layers = { readonly most: number; readonly paths: (y: (value: number) => number) => readonly Path[] };

/** Lines through the middle of each bucket. A line ends at the end of an attempt, and where a value is missing. */
function overlaid({ buckets, series, axis }: ChartOptions): Layers {
  const lines = series.map(({ tone, valueAt }) => {
    const points: [x: number, value: number | null][] = [];
    for (const [i, bucket] of buckets.entries()) {
      const value = valueAt(bucket);
      const { start, from, to } = bucket;
      const isFirst = buckets[i - 1]?.start !== start;
      const isLast = buckets[i + 1]?.start !== start;
      if (isFirst) points.push([0, null], [axis.place(start, from), value]);
      points.push([axis.place(start, (from + to) / 2), value]);
      if (isLast) points.push([axis.place(start, to), value]);
    }
    return { tone, points };
  });
  const values = lines.flatMap(({ points }) => points.map(([, value]) => value ?? 0));
  return {
    most: values.reduce((a, b) => Math.max(a, b), 0),
    paths: (y) => {
      const toPath = line<[number, number | null]>()
        .defined(([, value]) => value !== null)
        .x(([x]) => round(x * WIDTH))
        .y(([, value]) => y(value ?? 0));
      return lines.map(({ tone, points }) => ({ tone, path: toPath(points) ?? '', isLine: true }));
    },
  };
}

/** Stacked steps. */
function stacked({ buckets, series, axis }: ChartOptions): Layers {
  const rows = buckets.map((bucket) => series.map(({ valueAt }) => valueAt(bucket) ?? 0));
  const layers = stack<(typeof rows)[number], number>()
    .keys(series.keys())
    .value((row, place) => row[place] ?? 0)(rows);
  const top = layers.at(-1)?.map(([, high]) => high) ?? [];
  return {
    most: top.reduce((a, b) => Math.max(a, b), 0),
    paths: (y) => {
      type Step = { readonly x: number; readonly low: number; readonly high: number } | null;
      const toPath = area<Step>()
        .defined((step) => step !== null)
        .x((step) => round((step?.x ?? 0) * WIDTH))
        .y0((step) => y(step?.low ?? 0))
        .y1((step) => y(step?.high ?? 0))
        .curve(curveStepAfter);
      return layers.map((layer, place) => {
        const steps = buckets.flatMap((bucket, i): Step[] => {
          const [low = 0, high = 0] = layer[i] ?? [];
          const { start, from, to } = bucket;
          const step = { x: axis.place(start, from), low, high };
          const isLast = buckets[i + 1]?.start !== start;
          return isLast ? [step, { ...step, x: axis.place(start, to) }, null] : [step];
        });
        return { tone: series[place]?.tone ?? '', path: toPath(steps) ?? '', isLine: false };
      });
    },
  };
}

const round = (value: number): number => Math.round(value * 10) / 10;

const share = (place: number): string => `${round(place * 1000) / 10}%`;
