import stringWidth from 'string-width';
import { printable } from './printable.ts';

/** A column of a table for people; figures stand to the right. */
export type TextColumn = { readonly name: string; readonly alignRight: boolean };

/** Rows below their headings, as psql lays them out; null is left blank, and every row stays on its line. */
export function textTable(
  columns: readonly TextColumn[],
  rows: readonly (readonly (string | null)[])[],
): string {
  const lines = [columns.map(({ name }) => name), ...rows].map((cells) =>
    columns.map((_, i) => {
      const text = printable(cells[i] ?? '');
      return { text, width: stringWidth(text) };
    }),
  );
  const widths = columns.map((_, i) =>
    lines.reduce((widest, cells) => Math.max(widest, cells[i]?.width ?? 0), 0),
  );
  const [heading, ...body] = lines.map((cells) =>
    cells
      .map(({ text, width }, i) => {
        const space = ' '.repeat((widths[i] ?? 0) - width);
        return columns[i]?.alignRight ? ` ${space}${text}` : ` ${text}${space}`;
      })
      .join(' |')
      .trimEnd(),
  );
  const rule = widths.map((width) => '-'.repeat(width + 2)).join('+');
  return [heading, rule, ...body].map((line) => `${line}\n`).join('');
}
