import { readdir } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import pg from 'pg';
import { DestinationError, InvalidDestination } from '../../contract/destination-error.ts';
import type { MigrationStatus } from '../../contract/kind-database.ts';
import { whyBroken } from '../connect/connection-watch.ts';
import { OWN_SEARCH_PATH } from '../connect/settings.ts';
import { refuseDevelopmentSchema } from './development-schema.ts';
import { requireAllRows } from './row-security.ts';
import { quoteIdentifier } from './sql-text.ts';

/** The directory of the migrations. Each is a file of SQL. They are applied in the order of their names. */
export const MIGRATIONS = new URL('../../../../migrations/', import.meta.url);
/** The table of applied migrations, in the schema itself. */
export const MIGRATIONS_TABLE = 'schema_migrations';

/**
 * The applied and the pending migrations of a schema.
 * @throws {DestinationError} when it has migrations that this program does not know: a newer program was here
 */
export async function migrationStatus(client: pg.ClientBase, schema: string): Promise<MigrationStatus> {
  await refuseDevelopmentSchema(client, schema);
  const names = (await readdir(MIGRATIONS))
    .filter((file) => file.endsWith('.sql'))
    .map((file) => file.slice(0, -'.sql'.length))
    .sort();
  const table = `${quoteIdentifier(schema)}.${MIGRATIONS_TABLE}`;
  const { rows: found } = await client.query('select to_regclass($1) is not null as there', [table]);
  const isThere = found[0]?.there === true;
  if (isThere) await requireAllRows(client, schema, [MIGRATIONS_TABLE], `schema ${schema}`);
  const applied: string[] = isThere
    ? (await client.query(`select name from ${table} order by name`)).rows.map((row) => String(row.name))
    : [];
  const unknown = applied.filter((name) => !names.includes(name));
  if (unknown.length > 0) {
    throw new DestinationError(
      `the schema ${schema} is newer than this program: it has the migration ${unknown.join(', ')}; ` +
        'install the version of chat-export that made it, or a later one',
    );
  }
  return { applied, pending: names.filter((name) => !applied.includes(name)) };
}

export async function schemaExists(client: pg.ClientBase, schema: string): Promise<boolean> {
  const { rows } = await client.query('select from pg_namespace where nspname = $1', [schema]);
  return rows.length > 0;
}

/** Whether the role of a connection may create tables in a schema, or the schema itself if it is missing. */
export async function mayCreateTables(client: pg.ClientBase, schema: string): Promise<boolean> {
  const { rows } = await client.query(
    `select coalesce((select has_schema_privilege(oid, 'create') from pg_namespace where nspname = $1),
                     has_database_privilege(current_database(), 'create')) as may`,
    [schema],
  );
  return rows[0]?.may === true;
}

/**
 * Applies pending migrations, after waiting for another process that does the same. @returns the applied migrations @throws
 * {InvalidDestination} for an invalid name
 */
export async function migrateUp(client: pg.ClientBase, schema: string): Promise<readonly string[]> {
  const { pending } = await migrationStatus(client, schema);
  if (pending.length === 0) return [];
  // The migration library writes the name into its SQL unchanged.
  if (/["']/.test(schema)) {
    throw new InvalidDestination(
      `--schema ${schema}: a schema whose name has quotation marks cannot be migrated from here; ` +
        'apply what chat-export migrate sql prints, or choose another name',
    );
  }
  // Loaded only when needed: it brings a TypeScript compiler with it.
  const { runner } = await import('node-pg-migrate');
  const quiet = { debug() {}, info() {}, warn() {}, error() {} };
  const applied = await runner({
    dbClient: client as pg.Client,
    dir: fileURLToPath(MIGRATIONS),
    direction: 'up',
    schema,
    // If the schema exists, the right to create schemas is not needed.
    createSchema: !(await schemaExists(client, schema)),
    migrationsSchema: schema,
    migrationsTable: MIGRATIONS_TABLE,
    advisoryLockMode: 'wait',
    // The library would print its steps, and the SQL of an error, on standard output.
    logger: quiet,
  }).catch((error) => {
    const why = whyBroken(client);
    if (why !== null) throw why;
    if (error instanceof pg.DatabaseError) throw error;
    // The library may put the server's error with its stack into its own message.
    const [said] = String(error.message).split('\n');
    throw new DestinationError(`the schema ${schema} cannot be migrated: ${said}`, {
      cause: error,
    });
  });
  await client.query(`set search_path = ${OWN_SEARCH_PATH}`);
  return applied.map((migration) => migration.name);
}

/** @throws {DestinationError} when the schema is not up to date */
export async function requireMigrated(client: pg.ClientBase, schema: string): Promise<void> {
  const { pending } = await migrationStatus(client, schema);
  if (pending.length === 0) return;
  throw new DestinationError(
    `the schema ${schema} has pending migrations (${pending.join(', ')}); ` +
      'ask a role that may create tables to run chat-export migrate up',
  );
}
