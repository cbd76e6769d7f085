import { type TextColumn, textTable } from '../../src/report/text/text-table.ts';
import { type Figure, isReached, shownReach, shownSpread } from './figure.ts';

/** A table of a bench, for people. */
export type TextTable = {
  readonly title: string;
  readonly columns: readonly string[];
  readonly rows: readonly (readonly string[])[];
};

const MARKS = new Map<boolean | null, string>([
  [true, '✓'],
  [false, '✗'],
  [null, ''],
]);

/** The figures of a bench, a line each. */
export const figureTable = (title: string, figures: readonly Figure[]): TextTable => ({
  title,
  columns: ['what', 'against', 'measured', 'reach', '', 'from'],
  rows: figures.map((figure) => [
    figure.what,
    figure.against,
    shownSpread(figure.value, figure.unit),
    shownReach(figure.reach, figure.unit),
    MARKS.get(isReached(figure)) ?? '',
    figure.detail,
  ]),
});

export const shownTable = ({ title, columns, rows }: TextTable): string =>
  `${title}\n${textTable(
    columns.map((name, place): TextColumn => ({ name, alignRight: place > 0 && isNumeric(rows, place) })),
    rows,
  )}`;

export function markdownTable({ columns, rows }: Omit<TextTable, 'title'>): string {
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
  return [line(columns), line(columns.map(() => '---')), ...rows.map(line)]
    .map((text) => `${text}\n`)
    .join('');
}

const isNumeric = (rows: TextTable['rows'], place: number): boolean =>
  rows.every((row) => /^[\d,.]+( %| MiB| B| s)?$/.test(row[place] ?? ''));
