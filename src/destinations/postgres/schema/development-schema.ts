import type pg from 'pg';
import { DestinationError } from '../../contract/destination-error.ts';
import { quoteIdentifier } from './sql-text.ts';

/**
 * Refuses a schema from before the first release, when tables and columns had other names or constraints. It reads only the
 * catalog, which every role may read.
 * @throws {DestinationError} with the statement that drops the schema
 */
export async function refuseDevelopmentSchema(client: pg.ClientBase, schema: string): Promise<void> {
  const { rows } = await client.query(
    `select from pg_attribute where not attisdropped
       and ((attrelid = to_regclass($1) and attname = 'starts')
         or (attrelid = to_regclass($2) and attname = 'content_hash' and attnotnull))`,
    [`${quoteIdentifier(schema)}.runs`, `${quoteIdentifier(schema)}.exported_users`],
  );
  if (rows.length === 0) return;
  throw new DestinationError(
    `the schema ${schema} was made by a development version of this program, before its first release; ` +
      `drop it (drop schema ${quoteIdentifier(schema)} cascade), or choose another one with --schema`,
  );
}
