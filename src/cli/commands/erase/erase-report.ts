import { printable, printableJson } from '../../../report/text/printable.ts';
import { type AccountLine, accountText } from '../../../report/text/summary-lines.ts';
import { textTable } from '../../../report/text/text-table.ts';
import { wrapped } from '../../../report/text/wrapped.ts';
import type { eraseUser, unsuppress } from '../../../run/erase-user.ts';
import { grouped } from '../../../text/format.ts';

type Result = Awaited<ReturnType<typeof eraseUser>> & { readonly dryRun: boolean; readonly asPeer: boolean };

/** The result of an erasure, for a screen of this many columns. The user is not named, since the person who asked knows. */
export function eraseText({ destination, erased, dryRun, asPeer }: Result, width: number): string {
  const { removed, removedOfOthers, texts, plans, abandoned } = erased;
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
      : ([['abandoned', `run ${abandoned}, which was unfinished; the next attempt starts over`]] as const)),
    ['messages', `${grouped(texts)} named the user`],
  ];
  const head = dryRun
    ? 'The user was not erased (--dry-run). An erasure would remove:'
    : 'The user is erased, and later runs skip the user. Removed:';
  return `${wrapped(head, width).join('\n')}\n${accountText(lines, width)}${table}`;
}

/** The same as one JSON object. */
export const eraseJson = ({ destination, erased, dryRun, asPeer }: Result): string =>
  printableJson(
    JSON.stringify({
      destination,
      dry_run: dryRun,
      as_peer: asPeer,
      removed: erased.removed,
      removed_of_others: erased.removedOfOthers,
      messages: erased.texts,
      plans: erased.plans,
      abandoned_run: erased.abandoned,
    }),
  );

type Unsuppressed = Awaited<ReturnType<typeof unsuppress>>;

export const unsuppressedText = ({ destination, wasSuppressed }: Unsuppressed): string =>
  wasSuppressed
    ? `Later runs to ${printable(destination)} pull the user again\n`
    : `The user was not suppressed in ${printable(destination)}; nothing was changed\n`;

export const unsuppressedJson = ({ destination, wasSuppressed }: Unsuppressed): string =>
  printableJson(JSON.stringify({ destination, unsuppressed: wasSuppressed }));
