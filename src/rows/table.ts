/** The types of columns, under PostgreSQL's own names. */
export type ColumnType = 'text' | 'bigint' | 'boolean' | 'timestamptz' | 'jsonb';

/** One column. `id` marks an identifier: compared byte by byte (`COLLATE "C"` in PostgreSQL), never by a language's rules. */
export type Column = {
  readonly name: string;
  readonly type: ColumnType;
  readonly nullable?: true;
  readonly id?: true;
  /** Its content, its source and the meaning of null, for people who query it: a sentence without its full stop. */
  readonly description: string;
};

/** One table: its columns in the order of every header and COPY, and the columns of its key. */
export type Table = {
  readonly name: string;
  /** The meaning of a row, for people who query it: a sentence without its full stop. */
  readonly description: string;
  readonly columns: readonly Column[];
  readonly key: readonly string[];
};

/**
 * A value in the form that every destination takes: `bigint` is a number, or its decimal digits if a number would lose some;
 * `timestamptz` is `2026-11-22T03:00:00Z`; `jsonb` is the JSON text.
 */
export type Cell = string | number | boolean | null;

type CellOf<T extends ColumnType> = T extends 'bigint'
  ? number | string
  : T extends 'boolean'
    ? boolean
    : string;

/** The type of a table's rows, from its columns. */
export type RowOf<T extends Table> = {
  readonly [C in T['columns'][number] as C['name']]: C extends { nullable: true }
    ? CellOf<C['type']> | null
    : CellOf<C['type']>;
};

/** A row of any table, its values by column. */
export type Row = Readonly<Record<string, Cell>>;

/** The names of a table's columns, in order. */
export const columnNames = (table: Table): string[] => table.columns.map((column) => column.name);
