import pg from 'pg';
import { QueryError } from '../../contract/query-error.ts';
import { asPostgresError } from '../connect/server-errors.ts';

// What the server says of itself and not of the statement (PostgreSQL's manual, appendix A): the connection failed, the
// statement gave way to another, no resources, something is not ready or locked, somebody ended it, its system failed,
// its data is broken. 08P01 is no failed connection: the statement has a placeholder, for which there is no value.
const OF_THE_SERVER = /^(08(?!P01)|40|53|55|57|58|XX)/;

/**
 * What became of a statement, as an error of the statement or of the database.
 * @param before how many characters were put before the statement that `error` counts from
 */
export function asQueryError(error: unknown, database: string, statement: string, before: number): unknown {
  if (!(error instanceof pg.DatabaseError) || OF_THE_SERVER.test(error.code ?? ''))
    return asPostgresError(error, database);
  const position = Number(error.position) - before;
  const where = position >= 1 ? ` at ${placeOf(statement, position)}` : '';
  const more = [error.detail, error.hint].filter((text) => text !== undefined);
  return new QueryError([`${error.message}${where} (${error.code})`, ...more].join('; '), { cause: error });
}

/** @param position counted in characters from 1, as the server counts */
function placeOf(statement: string, position: number): string {
  const lines = [...statement]
    .slice(0, position - 1)
    .join('')
    .split('\n');
  return `line ${lines.length}, character ${[...(lines.at(-1) ?? '')].length + 1}`;
}
