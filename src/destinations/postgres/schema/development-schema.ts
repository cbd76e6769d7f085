import type pg from 'pg';
import { DestinationError } from '../../contract/destination-error.ts';
import { quoteIdentifier } from './sql-text.ts';

/**
 * Refuses a schema from before the first release, when tables and columns had other names. It reads only the catalog, which every
 * role may read.
 * @throws {DestinationError} with the statement that drops the schema
 */
export async function refuseDevelopmentSchema(client: pg.ClientBase, schema: string): Promise<void> {
  const { rows } = await client.query(
    `select from pg_attribute where attrelid = to_regclass($1) and attname = 'starts' and not attisdropped`,
    [`${quoteIdentifier(schema)}.runs`],
  );
  if (rows.length === 0) return;
  throw new DestinationError(
    `the schema ${schema} was made by a development version of this program, before its first release; ` +
      `drop it (drop schema ${quoteIdentifier(schema)} cascade), or choose another one with --schema`,
  );
}
