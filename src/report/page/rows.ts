import type { RunOutcome } from '../../run/export-run.ts';
import { grouped } from '../../text/format.ts';
import type { PageDestination } from './destination.ts';
import { type Html, html } from './html.ts';
import { figureTable } from './table.ts';

type RunRecord = RunOutcome['record'];

const tables = [
  ['conversations', 'conversations'],
  ['contactGroups', 'contact_groups'],
  ['memberships', 'memberships'],
] as const;

/** The changes of the rows of each table. */
export function rows({ counts }: RunRecord, { keepsEarlierRows }: PageDestination): Html {
  const { added, updated, removed, changes } = counts;
  const tableRows = tables.map(([name, table]) => {
    const [plus, edited, minus] = [added[table] ?? 0, updated[table] ?? 0, removed[table] ?? 0];
    const isKnown = plus + edited + minus === (changes[table] ?? 0);
    return { table, rows: counts[name], plus, edited, minus, isKnown, changed: changes[table] ?? 0 };
  });
  if (!keepsEarlierRows) {
    return html`<section><h2>Rows</h2>
<p>This destination holds the rows of one run, so every row is new. What was added, changed or removed since an earlier export is not known.</p>
${figureTable({
  caption: 'Rows of the exported users, by table',
  columns: ['Table', 'Rows'],
  rows: tableRows.map(({ table, rows }) => [table, grouped(rows)]),
})}</section>`;
  }
  if (!tableRows.every(({ isKnown }) => isKnown)) {
    return html`<section><h2>Rows</h2>
<p>This run was recorded by a version that did not count added, changed and removed rows separately.</p>
${figureTable({
  caption: 'Rows of the exported users, by table',
  columns: ['Table', 'Rows', 'Written or removed'],
  rows: tableRows.map(({ table, rows, changed }) => [table, grouped(rows), grouped(changed)]),
})}</section>`;
  }
  const users = [
    counts.emptied > 0 && `${grouped(counts.emptied)} users had rows and have none now. `,
    counts.pruned > 0 && `${grouped(counts.pruned)} users who are not in the list were removed. `,
  ];
  return html`<section><h2>Rows</h2>
<p>${grouped(counts.unchanged)} of ${grouped(counts.exported)} exported users were unchanged and cost no write. ${users}</p>
${figureTable({
  caption: 'Rows of the exported users, by table',
  columns: ['Table', 'Rows now', 'Added', 'Changed', 'Removed', 'As before'],
  rows: tableRows.map(({ table, rows, plus, edited, minus }) => [
    table,
    ...[rows, plus, edited, minus, Math.max(0, rows - plus - edited)].map(grouped),
  ]),
})}</section>`;
}
