import stringWidth from 'fast-string-width';
import { wrapAnsi } from 'fast-wrap-ansi';
import { printable } from './printable.ts';
import { wrapped } from './wrapped.ts';

/** A column of a table for people; figures stand to the right. */
export type TextColumn = {
  readonly name: string;
  readonly alignRight: boolean;
  /** A screen that is too narrow for all breaks the texts of this column into lines. */
  readonly breaks?: boolean;
  /** A screen that is too narrow even so leaves this column out, those with the least number first. */
  readonly leavesAs?: number;
};

/** What a column that breaks keeps at least, if it has so much. */
const NARROWEST = 16;
// A space on both sides, and the line to the next column.
const AROUND = 3;

/**
 * Rows below their headings, as psql lays them out; null is left blank, and every row stays on its line where the screen is
 * wide enough. What a narrow one leaves out is named below.
 * @param width columns of the screen; any number where it is none
 */
export function textTable(
  columns: readonly TextColumn[],
  rows: readonly (readonly (string | null)[])[],
  width = Number.POSITIVE_INFINITY,
): string {
  const named = columns.map((column) => ({ ...column, name: printable(column.name) }));
  const texts = [
    named.map(({ name }) => name),
    ...rows.map((row) => row.map((cell) => printable(cell ?? ''))),
  ];
  const all = named.map((column, i) => ({
    column,
    cells: texts.map((row) => row[i] ?? ''),
    widest: texts.reduce((widest, row) => Math.max(widest, stringWidth(row[i] ?? '')), 0),
  }));
  const shown = withinWidth(all, width);
  const lines = texts.flatMap((_, row) => lineUp(shown, row));
  const rule = shown.map(({ room }) => '-'.repeat(room + 2)).join('+');
  const [heading = '', ...body] = lines;
  const leftOut = all.filter((one) => !shown.some(({ column }) => column === one.column));
  const below =
    leftOut.length === 0
      ? []
      : wrapped(
          `(no room for ${leftOut.map(({ column }) => column.name).join(', ')}: a wider screen or --json has all)`,
          width,
        );
  return [heading, rule, ...body, ...below].map((line) => `${line}\n`).join('');
}

type Cells = { readonly column: TextColumn; readonly cells: readonly string[]; readonly widest: number };

/** The columns that a screen has room for, each with the width that it gets. */
function withinWidth(all: readonly Cells[], width: number): (Cells & { readonly room: number })[] {
  const least = ({ column, widest }: Cells): number =>
    column.breaks === true ? Math.min(widest, Math.max(NARROWEST, stringWidth(column.name))) : widest;
  const spare = (some: readonly Cells[]): number =>
    width + 1 - some.reduce((sum, one) => sum + least(one) + AROUND, 0);
  let kept = [...all];
  while (spare(kept) < 0) {
    const first = kept
      .filter(({ column }) => column.leavesAs !== undefined)
      .toSorted((a, b) => leaves(a) - leaves(b))[0];
    if (first === undefined) break;
    kept = kept.filter((one) => one !== first);
  }
  let rest = Math.max(0, spare(kept));
  return kept.map((one) => {
    const more = Math.min(one.widest - least(one), rest);
    rest -= more;
    return { ...one, room: least(one) + more };
  });
}

/** A column in which nothing stands says nothing, and leaves before all others. */
const leaves = ({ column, cells }: Cells): number =>
  cells.slice(1).every((cell) => cell === '') ? 0 : (column.leavesAs ?? 0);

/** A row as the lines that its tallest cell needs. */
function lineUp(shown: readonly (Cells & { readonly room: number })[], row: number): string[] {
  const broken = shown.map(({ cells, room, widest }) => {
    const text = cells[row] ?? '';
    return room < widest ? wrapAnsi(text, room, { hard: true }).split('\n') : [text];
  });
  const height = Math.max(...broken.map(({ length }) => length));
  return Array.from({ length: height }, (_, line) =>
    shown
      .map(({ column, room }, i) => {
        const text = broken[i]?.[line] ?? '';
        const space = ' '.repeat(Math.max(0, room - stringWidth(text)));
        return column.alignRight ? ` ${space}${text}` : ` ${text}${space}`;
      })
      .join(' |')
      .trimEnd(),
  );
}
