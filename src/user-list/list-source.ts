/**
 * The format of a list: one user ID a line; CSV with a header; one JSON value a line; or the rows of a query as PostgreSQL's COPY
 * writes them in CSV, where an empty line is a null.
 */
export type ListFormat = 'lines' | 'csv' | 'json-lines' | 'rows';

/** A user list that can be read once. */
export type ListSource = {
  /** Its name in messages: the path of a file, `standard input`, `--users-sql`. */
  readonly name: string;
  readonly format: ListFormat;
  /** Whether the name does not show the format: standard input, or the path of an open pipe. */
  readonly isStream: boolean;
  /** The column of a CSV, or the field of JSON objects, with the IDs; null when none was named. */
  readonly column: string | null;
  /** Whether it may be empty. The reader decides what that means. */
  readonly mayBeEmpty: boolean;
  /** The list's text, without a byte order mark. Its errors are for people. */
  readonly bytes: AsyncIterable<Buffer>;
  /** The name of one of its lines in messages; line 0 is the header of a query's rows. */
  readonly place: (line: number) => string;
};

/** The content of a line: the bytes of an ID, or why it is invalid. When both are null, the line is blank. */
export type ListEntry = {
  /** From 1: the line in an editor, or the number of a query's row. */
  readonly line: number;
  readonly id: Buffer | null;
  readonly problem: string | null;
};
