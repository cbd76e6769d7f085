import { printable } from './printable.ts';

/** A column of a table for people: its heading, and whether its values are figures, which stand to the right. */
export type TextColumn = { readonly heading: string; readonly isFigure?: boolean };

/** Lines of text in which each column is as wide as its widest value; each line ends with LF. */
export function textTable(columns: readonly TextColumn[], rows: readonly (readonly string[])[]): string {
  const lines = [columns.map(({ heading }) => heading), ...rows.map((row) => row.map(printable))];
  const widths = columns.map((_, at) => Math.max(...lines.map((line) => (line[at] ?? '').length)));
  return lines
    .map((line) => {
      const cells = columns.map(({ isFigure }, at) => {
        const text = line[at] ?? '';
        return isFigure === true ? text.padStart(widths[at] ?? 0) : text.padEnd(widths[at] ?? 0);
      });
      return `${cells.join('  ').trimEnd()}\n`;
    })
    .join('');
}
