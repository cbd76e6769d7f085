import type { ShownRun } from '../../past-runs/list-runs.ts';
import { grouped } from '../../text/format.ts';
import { type Html, html } from './html.ts';
import { figureTable } from './table.ts';

type Workers = ShownRun['workers'];

/** A row for each process of a shared run; nothing for a run of one process. */
export function workersSection(workers: Workers): Html {
  if (workers.length === 0) return html``;
  const attempts = new Set(workers.map(({ attempt }) => attempt)).size;
  return html`<section><h2>Workers</h2>
${figureTable({
  caption: 'The processes that shared the run',
  columns: ['Worker', 'Host', 'From', 'To', 'Chunks', 'Users', 'Calls'],
  texts: [1, 2, 3],
  rows: workers.map((worker) => [
    attempts > 1 ? `${worker.worker} of attempt ${worker.attempt}` : String(worker.worker),
    worker.host,
    instant(worker.startedAt),
    endOf(worker),
    grouped(worker.chunks),
    grouped(worker.usersDone),
    grouped(worker.calls),
  ]),
})}</section>`;
}

/** A process that was killed recorded no end. */
const endOf = ({ isAtWork, leftAt, lastSeenAt }: Workers[number]): string =>
  isAtWork ? 'at work' : leftAt === null ? `silent since ${instant(lastSeenAt)}` : instant(leftAt);

/** 2026-11-26 03:00:15 */
const instant = (iso: string): string => iso.slice(0, 19).replace('T', ' ');
