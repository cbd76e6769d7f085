import type { ShownSetting } from '../../config/shown-settings.ts';
import { type Html, html } from './html.ts';
import { figureTable } from './table.ts';

export type ShownSettings = {
  readonly settings: readonly ShownSetting[];
  /** Whether the run started with these options. Otherwise they come from the job file of today. */
  readonly areOfThisRun: boolean;
};

const sources: Readonly<Record<ShownSetting['source'], string>> = {
  flag: 'command line',
  code: 'program',
  variable: 'environment',
  file: 'job file',
  default: 'default',
};

/** The options of a run, without secrets; null when they are unknown. */
export function settingsSection(shown: ShownSettings | null): Html {
  if (shown === null) {
    return html`<section><h2>Configuration</h2><p>A run does not record its options. Name its job file to see its options: <code class="command">chat-export report RUN JOB.yaml</code>.</p></section>`;
  }
  const given = shown.settings.filter(({ source }) => source !== 'default');
  const defaults = shown.settings.filter(({ source }) => source === 'default');
  return html`<section><h2>Configuration</h2>
<p>${shown.areOfThisRun ? 'As the last attempt of this run used it.' : 'As in the job file and the environment when this page was written. The run may have used other options.'} Secrets are not shown.</p>
${figureTable({
  caption: 'Options that were given',
  columns: ['Option', 'Value', 'From'],
  texts: [1, 2],
  rows: given.map(({ name, value, source }) => [html`<code>${name}</code>`, value, sources[source]]),
})}
<details><summary>Options left at their defaults</summary>
${figureTable({
  caption: 'Options left at their defaults',
  columns: ['Option', 'Value'],
  texts: [1],
  rows: defaults.map(({ name, value }) => [html`<code>${name}</code>`, value]),
})}</details></section>`;
}
