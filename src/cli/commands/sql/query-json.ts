import type { QueryColumn } from '../../../destinations/contract/kind-database.ts';

/**
 * A row as a JSON object on one line. Numbers keep all their digits. Instants, arrays and other types without a JSON form are the
 * texts that PostgreSQL writes, as are NaN and the infinities.
 */
export function jsonRow(columns: readonly QueryColumn[], row: readonly (string | null)[]): string {
  const fields = columns.map(
    (column, i) => `${JSON.stringify(column.name)}:${jsonValue(column, row[i] ?? null)}`,
  );
  return `{${fields.join(',')}}`;
}

function jsonValue({ kind }: QueryColumn, text: string | null): string {
  if (text === null) return 'null';
  if (kind === 'boolean') return text === 't' ? 'true' : 'false';
  // Outside of JSON's strings, a line break is white space.
  if (kind === 'json') return text.replace(/[\r\n]/g, ' ');
  if (kind === 'number' && /^-?\d+(\.\d+)?(e[+-]?\d+)?$/.test(text)) return text;
  return JSON.stringify(text);
}
