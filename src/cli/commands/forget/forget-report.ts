import { grouped } from '../../../report/text/format.ts';
import { printable, printableJson } from '../../../report/text/printable.ts';
import { type AccountLine, accountText } from '../../../report/text/summary-lines.ts';
import { textTable } from '../../../report/text/text-table.ts';
import { wrapped } from '../../../report/text/wrapped.ts';
import type { forgetUser, unsuppress } from '../../../run/forget-user.ts';

type Result = Awaited<ReturnType<typeof forgetUser>> & { readonly dryRun: boolean; readonly asPeer: boolean };

/** What was removed, for a person with a screen of so many columns. The user is not named: whoever asked knows. */
export function forgetText({ destination, forgotten, dryRun, asPeer }: Result, width: number): string {
  const { removed, removedOfOthers, texts, plans, abandoned } = forgotten;
  const counts = Object.entries(removed).map(([table, rows]) => [
    table,
    grouped(rows),
    ...(asPeer ? [grouped(removedOfOthers[table] ?? 0)] : []),
  ]);
  const table = textTable(
    [
      { name: 'TABLE', alignRight: false },
      { name: 'ROWS', alignRight: true },
      ...(asPeer ? [{ name: 'OF OTHERS', alignRight: true }] : []),
    ],
    counts,
  );
  const lines: AccountLine[] = [
    ['destination', destination],
    ['plans', `${grouped(plans)} of unfinished runs had the user`],
    ...(abandoned === null
      ? []
      : ([['given up', `run ${abandoned}, which was unfinished; the next start begins anew`]] as const)),
    ['messages', `${grouped(texts)} named the user`],
  ];
  const head = dryRun
    ? 'The user was not forgotten (--dry-run); this would be removed:'
    : 'The user is forgotten: this was removed, and later runs leave the user out';
  return `${wrapped(head, width).join('\n')}\n${accountText(lines, width)}${table}`;
}

/** The same as one JSON object. */
export const forgetJson = ({ destination, forgotten, dryRun, asPeer }: Result): string =>
  printableJson(
    JSON.stringify({
      destination,
      dry_run: dryRun,
      as_peer: asPeer,
      removed: forgotten.removed,
      removed_of_others: forgotten.removedOfOthers,
      messages: forgotten.texts,
      plans: forgotten.plans,
      abandoned_run: forgotten.abandoned,
    }),
  );

type Lifted = Awaited<ReturnType<typeof unsuppress>>;

export const liftedText = ({ destination, wasForgotten }: Lifted): string =>
  wasForgotten
    ? `Later runs to ${printable(destination)} pull the user again\n`
    : `The user was not forgotten in ${printable(destination)}; nothing was changed\n`;

export const liftedJson = ({ destination, wasForgotten }: Lifted): string =>
  printableJson(JSON.stringify({ destination, lifted: wasForgotten }));
