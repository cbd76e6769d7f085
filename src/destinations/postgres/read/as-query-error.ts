import pg from 'pg';
import { QueryError } from '../../contract/query-error.ts';
import { asPostgresError } from '../connect/server-errors.ts';

// Codes that describe the server and not the statement (PostgreSQL's manual, appendix A): connection failure, serialization
// failure, insufficient resources, object not ready or locked, operator intervention, system error, corrupted data. 08P01 is not
// a lost connection: the statement has a placeholder without a value.
const OF_THE_SERVER = /^(08(?!P01)|40|53|55|57|58|XX)/;

/**
 * Converts a failure to an error of the statement or of the database.
 * @param before the number of characters before the statement in the text that `error` counts from
 */
export function asQueryError(error: unknown, database: string, statement: string, before: number): unknown {
  if (!(error instanceof pg.DatabaseError) || OF_THE_SERVER.test(error.code ?? ''))
    return asPostgresError(error, database);
  const position = Number(error.position) - before;
  const where = position >= 1 ? ` at ${errorPlace(statement, position)}` : '';
  const more = [error.detail, error.hint].filter((text) => text !== undefined);
  return new QueryError([`${error.message}${where} (${error.code})`, ...more].join('; '), { cause: error });
}

/** @param position counted in characters from 1, as the server counts */
function errorPlace(statement: string, position: number): string {
  const lines = [...statement]
    .slice(0, position - 1)
    .join('')
    .split('\n');
  return `line ${lines.length}, character ${[...(lines.at(-1) ?? '')].length + 1}`;
}
