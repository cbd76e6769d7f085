import type { RunOutcome } from '../../run/export-run.ts';
import { grouped } from '../../text/format.ts';
import { printable } from './printable.ts';
import { wrapped } from './wrapped.ts';

type RunRecord = RunOutcome['record'];

/** A name, and its value. */
export type AccountLine = readonly [name: string, value: string];

const VALUES_FROM = 20;

/** Lines as text for people, with the values in one column, wrapped at `width`. Each line ends with LF. */
export const accountText = (lines: readonly AccountLine[], width: number): string =>
  lines
    .flatMap(([name, value]) =>
      wrapped(printable(value), width - VALUES_FROM).map(
        (line, i) => `${i === 0 ? `  ${name}`.padEnd(VALUES_FROM) : ' '.repeat(VALUES_FROM)}${line}\n`,
      ),
    )
    .join('');

/** The totals of a run, all of its attempts together: users, rows and calls. */
export function accountLines({ counts, list }: RunRecord): AccountLine[] {
  const retries = Object.entries(counts.errors).sort(([, a], [, b]) => b - a);
  const failures = Object.entries(counts.failures).sort(([, a], [, b]) => b - a);
  const pairs = (entries: [string, number][]): string =>
    entries.map(([name, count]) => `${name} ${grouped(count)}`).join(', ');
  const open = list.users - counts.exported - counts.notInApp - counts.failed;
  const lines: (AccountLine | null)[] = [
    [
      'users',
      `${grouped(list.users)}${list.duplicates > 0 ? `, each once (${grouped(list.duplicates)} repetitions in the list)` : ''}`,
    ],
    list.suppressed > 0 ? ['  suppressed', `${grouped(list.suppressed)} of the list skipped`] : null,
    list.bad > 0 ? ['  invalid lines', `${grouped(list.bad)} of ${grouped(list.lines)} skipped`] : null,
    [
      '  exported',
      `${grouped(counts.exported)}${counts.unchanged > 0 ? `, of which ${grouped(counts.unchanged)} unchanged` : ''}`,
    ],
    counts.notInApp > 0 ? ['  not in the app', grouped(counts.notInApp)] : null,
    counts.failed > 0
      ? ['  failed', `${grouped(counts.failed)} (${pairs(failures)}); listed in unexported_users`]
      : null,
    open > 0 ? ['  still to do', grouped(open)] : null,
    [
      'rows',
      `${grouped(counts.conversations)} conversations, ${grouped(counts.contactGroups)} contact groups, ` +
        `${grouped(counts.memberships)} memberships`,
    ],
    ['  written', `${grouped(counts.rowsWritten)}, removed ${grouped(counts.rowsRemoved)}`],
    counts.emptied + counts.pruned > 0
      ? [
          '  users without',
          `${grouped(counts.emptied)} had rows and have none now; ${grouped(counts.pruned)} not in the list were removed`,
        ]
      : null,
    [
      'calls',
      `${grouped(counts.calls)} for what is committed${retries.length > 0 ? `, of which failed: ${pairs(retries)}` : ''}`,
    ],
  ];
  return lines.filter((line) => line !== null);
}

/** Warnings about legal but unusual data, with counts. */
export const anomalyWarnings = ({ counts }: RunRecord): (readonly [count: number, what: string])[] =>
  (
    [
      [counts.unnamedGroups, 'memberships in a contact group that was never named'],
      [counts.skippedItems, 'items of an unknown Type, skipped'],
      [counts.replacedTexts, 'texts with U+0000 or a lone surrogate, replaced by U+FFFD'],
      [counts.cutToRound, 'users cut to exactly 100, 200, … conversations (a limit of the plan?)'],
      [counts.unknownFields, 'rows with fields unknown to this version, kept in extra'],
    ] as const
  ).filter(([count]) => count > 0);

/** The same as a line; no line without warnings. */
export function warningLines(record: RunRecord): AccountLine[] {
  const found = anomalyWarnings(record).map(([count, what]) => `${grouped(count)} ${what}`);
  return found.length === 0 ? [] : [['warnings', found.join('; ')]];
}
