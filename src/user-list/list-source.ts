/**
 * How a list is written: one user ID a line; CSV with a header; one JSON value a line; or the rows of a query as
 * PostgreSQL's COPY writes them in CSV, where an empty line is a null.
 */
export type ListForm = 'lines' | 'csv' | 'json-lines' | 'rows';

/** A user list that can be read once. */
export type ListSource = {
  /** What messages call it: the path of a file, `standard input`, `--users-sql`. */
  readonly name: string;
  readonly form: ListForm;
  /** Whether its name cannot tell its form: standard input, or the path of an open pipe. */
  readonly isStream: boolean;
  /** The column of a CSV, or the field of JSON objects, that holds the IDs; null when nobody said. */
  readonly column: string | null;
  /** Whether it may hold nothing at all: what that means is then for its reader to decide. */
  readonly mayBeEmpty: boolean;
  /** The list's text, without a byte order mark. What reading it throws is meant for people. */
  readonly bytes: AsyncIterable<Buffer>;
  /** How a message names one of its lines; line 0 is the header of a query's rows. */
  readonly place: (line: number) => string;
};
