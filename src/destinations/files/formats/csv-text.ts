import { stringify } from 'csv-stringify/sync';
import type { Row, Table } from '../../../rows/table.ts';
import { columnNames } from '../../../rows/table.ts';

// RFC 4180, with LF. Null is an empty field without quotes; the empty text is quoted. PostgreSQL's COPY refuses a carriage return
// outside of quotes.
const FORMAT = { record_delimiter: '\n', quoted_match: /^$|\r/ } as const;

/** The header line of a table's file. */
export const csvHeader = (table: Table): string => stringify([columnNames(table)], FORMAT);

/** Rows of a table, each line ended by LF. */
export function csvText(table: Table, rows: readonly Row[]): string {
  const columns = columnNames(table);
  return stringify(
    // As texts: csv-stringify would write true as 1, and false as null.
    rows.map((row) => columns.map((column) => fieldText(row[column] ?? null))),
    FORMAT,
  );
}

const fieldText = (value: Row[string]): string | null => (value === null ? null : String(value));
