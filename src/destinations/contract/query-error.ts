/** The server refuses a statement: its sentence, where in the statement, and its hint, in one line. */
export class QueryError extends Error {
  override readonly name = 'QueryError';
}
