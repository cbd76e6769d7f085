import { type Options, stringify } from 'csv-stringify/sync';
import type { Row, Table } from '../../tables/table.ts';
import { columnNames } from '../../tables/table.ts';

const options: Options = {
  record_delimiter: '\n',
  // The server refuses a carriage return outside of quotes.
  quoted_match: '\r',
  cast: {
    boolean: (value) => (value ? 'true' : 'false'),
    // null is an empty field; only quotes tell the empty string from it.
    string: (value) => (value === '' ? { value, quoted_empty: true } : value),
  },
};

/** The header line of a table's file. */
export const csvHeader = (table: Table): string => `${columnNames(table).join(',')}\n`;

/** Rows of a table as RFC 4180 quotes them, each line ended by LF. */
export const csvText = (table: Table, rows: readonly Row[]): string =>
  rows.length === 0 ? '' : stringify([...rows], { ...options, columns: columnNames(table) });
