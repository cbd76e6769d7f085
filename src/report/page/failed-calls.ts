import { grouped, timeSpan } from '../../text/format.ts';
import { chart, type Picture, type Series } from './chart.ts';
import { type Html, html, withOptions } from './html.ts';
import { addUp, type ShownBucket } from './run-timeline.ts';

type Counts = Readonly<Record<string, number>>;

/** A cause of failed calls. */
export type MeaningOf = (cause: string) => string;

// More cannot be told apart by colour.
const MAX_TONES = 5;

/** Failed calls by code, or by the kind of failure without an answer, over time and in total. */
export function failedCallsSection(picture: Picture, retries: number, meaningOf: MeaningOf): Html {
  const causes = byCount(addUp(picture.buckets).errors);
  if (causes.length === 0) return html`<section><h2>Failed calls</h2><p>No call failed.</p></section>`;
  const toned = causes.slice(0, causes.length > MAX_TONES ? MAX_TONES - 1 : MAX_TONES);
  const rest = causes.slice(toned.length);
  const series = toned.map(
    ([cause], i): Series => ({
      name: cause,
      tone: `t${i + 1}`,
      valueAt: (bucket) => bucket.errors[cause] ?? 0,
    }),
  );
  if (rest.length > 0) {
    const valueAt = ({ errors }: ShownBucket): number =>
      rest.reduce((sum, [cause]) => sum + (errors[cause] ?? 0), 0);
    series.push({ name: `${rest.length} others`, tone: `t${MAX_TONES}`, valueAt });
  }
  return html`<section><h2>Failed calls and retries, by code</h2>
<p><b>${grouped(total(causes))}</b> calls failed; ${grouped(retries)} calls tried a page again. Each step of the picture is ${timeSpan(widest(picture) * 1000)}.</p>
${chart({
  ...picture,
  id: 'failed-calls',
  title: 'Failed calls',
  description: `Calls that failed, by code: ${causes.map(([cause, count]) => `${grouped(count)} with ${cause}`).join(', ')}.`,
  series,
  isStacked: true,
  shown: grouped,
})}
${causeList(causes, meaningOf)}</section>`;
}

/** The same for a run without a timeline. */
export function failedCallsInAll(errors: Counts, retries: number, meaningOf: MeaningOf): Html {
  const causes = byCount(errors);
  if (causes.length === 0) return html`<section><h2>Failed calls</h2><p>No call failed.</p></section>`;
  return html`<section><h2>Failed calls and retries, by code</h2>
<p>Of the calls for what is committed, <b>${grouped(total(causes))}</b> failed; ${grouped(retries)} tried a page again.</p>
${causeList(causes, meaningOf)}</section>`;
}

const widest = ({ buckets }: Picture): number => Math.max(...buckets.map(({ from, to }) => to - from));

const byCount = (errors: Counts): [string, number][] => Object.entries(errors).sort(([, a], [, b]) => b - a);

const total = (causes: readonly (readonly [string, number])[]): number =>
  causes.reduce((sum, [, count]) => sum + count, 0);

const causeList = (causes: readonly (readonly [string, number])[], meaningOf: MeaningOf): Html =>
  html`<dl class="causes">${causes.map(
    ([cause, count]) =>
      html`<div><dt>${cause}</dt><dd><b>${grouped(count)}</b> ${withOptions(meaningOf(cause))}</dd></div>`,
  )}</dl>`;
