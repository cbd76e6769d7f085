/** What a column holds; the names are PostgreSQL's own. */
export type ColumnType = 'text' | 'bigint' | 'boolean' | 'timestamptz' | 'jsonb';

/**
 * One column. `id` marks an identifier: compared byte by byte (`COLLATE "C"` in PostgreSQL), never by a
 * language's rules.
 */
export type Column = {
  readonly name: string;
  readonly type: ColumnType;
  readonly nullable?: true;
  readonly id?: true;
  /** What it holds, where it comes from and what null says, for those who query it: a sentence without an end. */
  readonly description: string;
};

/** One table: its columns in the order of every header and COPY, and the columns that tell its rows apart. */
export type Table = {
  readonly name: string;
  /** What one row is, for those who query it: a sentence without an end. */
  readonly description: string;
  readonly columns: readonly Column[];
  readonly key: readonly string[];
};

/**
 * A value as every destination takes it: `bigint` is a number, or its decimal digits where a number would lose
 * some; `timestamptz` is `2026-11-22T03:00:00Z`; `jsonb` is the JSON text.
 */
export type Cell = string | number | boolean | null;

type CellOf<T extends ColumnType> = T extends 'bigint'
  ? number | string
  : T extends 'boolean'
    ? boolean
    : string;

/** The type of a table's rows, read off its columns. */
export type RowOf<T extends Table> = {
  readonly [C in T['columns'][number] as C['name']]: C extends { nullable: true }
    ? CellOf<C['type']> | null
    : CellOf<C['type']>;
};

/** A row of any table, its values by column. */
export type Row = Readonly<Record<string, Cell>>;

/** The names of a table's columns, in order. */
export const columnNames = (table: Table): string[] => table.columns.map((column) => column.name);
