import stringWidth from 'fast-string-width';
import { wrapAnsi } from 'fast-wrap-ansi';
import { printable } from './printable.ts';
import { wrapped } from './wrapped.ts';

/** A column of a table for people. Figures are aligned to the right. */
export type TextColumn = {
  readonly name: string;
  readonly alignRight: boolean;
  /** On a screen that is too narrow, the texts of this column are wrapped. */
  readonly breaks?: boolean;
  /** On a screen that is still too narrow, this column is left out; columns with the lowest number go first. */
  readonly leavesAs?: number;
};

/** The least width of a wrapped column, unless its texts are shorter. */
const NARROWEST = 16;
// A space on both sides, and the line to the next column.
const AROUND = 3;

/**
 * Rows below their headings, in psql's layout. Null is blank. Each row takes one line if the screen is wide enough. Columns that
 * are left out on a narrow screen are named below.
 * @param width columns of the screen; Infinity for other outputs
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

/** The columns that fit on the screen, with their widths. */
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

/** An empty column says nothing, and is left out first. */
const leaves = ({ column, cells }: Cells): number =>
  cells.slice(1).every((cell) => cell === '') ? 0 : (column.leavesAs ?? 0);

/** A row as the lines of its tallest cell. */
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
