import type pg from 'pg';
import { DestinationError, InvalidDestination } from '../../contract/destination-error.ts';
import type { MigrationStatus } from '../../contract/kind-database.ts';
import { mayCreateTables, schemaExists } from '../schema/migrations.ts';
import { inComment, quoteIdentifier } from '../schema/sql-text.ts';
import { INSTALL_PG_BOSS, loadPgBoss } from './pg-boss.ts';

const MAX_SCHEMA_BYTES = 50;

/** The schema of pg-boss's tables beside a schema of ours. @throws {InvalidDestination} when pg-boss takes no such name */
export function queueSchema(schema: string): string {
  const name = `${schema}_jobs`;
  if (/^[a-z_][a-z0-9_]*$/.test(name) && Buffer.byteLength(name) <= MAX_SCHEMA_BYTES) return name;
  throw new InvalidDestination(
    `--share: the queue's tables would be in a schema named ${name}, which pg-boss does not take; ` +
      'choose a --schema of at most 45 lower-case letters, digits and underscores',
  );
}

/** A hint in case that the role that is to create the tables may not create their schema. */
export const ifNotCreatable = (schema: string): string =>
  `if that role may not create schemas, ask first the owner of the database to run: create schema ${schema} authorization ROLE`;

/** The tables of pg-boss beside a schema of ours. */
export type QueueTables = {
  readonly schema: string;
  /** Null when they are missing. */
  readonly version: number | null;
  /** The version that the installed pg-boss needs, and its own. */
  readonly needed: number;
  readonly boss: string;
};

/**
 * @throws {InvalidDestination} without pg-boss, and for a schema whose name it does not take; {DestinationError} when the tables
 * are of a later pg-boss
 */
export async function queueTables(client: pg.ClientBase, ours: string): Promise<QueueTables> {
  const { schemaVersion: needed, version: boss } = await loadPgBoss();
  const schema = queueSchema(ours);
  const { rows: found } = await client.query(
    `select from pg_class c join pg_namespace n on n.oid = c.relnamespace
     where n.nspname = $1 and c.relname = 'version' and c.relkind = 'r'`,
    [schema],
  );
  if (found.length === 0) return { schema, version: null, needed, boss };
  const { rows } = await client.query(`select version from ${quoteIdentifier(schema)}.version`);
  const version = Number(rows[0]?.version);
  if (version > needed) {
    throw new DestinationError(
      `the tables of pg-boss in schema ${schema} have version ${version}, and pg-boss ${boss} knows them up to ${needed}; ` +
        `install the release that made them, or a later one: ${INSTALL_PG_BOSS}`,
    );
  }
  return { schema, version, needed, boss };
}

/** As `migrationStatus`, of the tables of pg-boss. */
export async function queueMigrationStatus(client: pg.ClientBase, ours: string): Promise<MigrationStatus> {
  const { schema, version, needed } = await queueTables(client, ours);
  return {
    applied: version === null ? [] : [nameOf(schema, version)],
    pending: version === needed ? [] : [nameOf(schema, needed)],
  };
}

const nameOf = (schema: string, version: number): string => `pg-boss ${version} in schema ${schema}`;

/** Creates or migrates the tables of pg-boss, after waiting for another process that does the same. @returns what was applied */
export async function migrateQueue(client: pg.ClientBase, ours: string): Promise<readonly string[]> {
  const before = await queueTables(client, ours);
  if (before.version === before.needed) return [];
  const lock = `hashtextextended('chat-export:tables of ' || $1, 0)`;
  await client.query(`select pg_advisory_lock(${lock})`, [before.schema]);
  try {
    const now = await queueTables(client, ours);
    if (now.version === now.needed) return [];
    await requireSchema(client, now);
    const { transaction, afterwards } = inParts(await migrationOf(client, now));
    await client.query(transaction);
    for (const statement of afterwards) await client.query(statement);
    return [nameOf(now.schema, now.needed)];
  } catch (error) {
    // The script has begun a transaction.
    await client.query('rollback').catch(() => {});
    throw error;
  } finally {
    await client.query(`select pg_advisory_unlock(${lock})`, [before.schema]).catch(() => {});
  }
}

async function requireSchema(client: pg.ClientBase, { schema, version }: QueueTables): Promise<void> {
  if (version !== null || (await schemaExists(client, schema)) || (await mayCreateTables(client, schema)))
    return;
  const { rows } = await client.query('select quote_ident(current_user) as role');
  throw new DestinationError(
    `the tables of pg-boss need the schema ${schema}, which this role may not create; ` +
      `ask the owner of the database to run: create schema ${schema} authorization ${rows[0]?.role}`,
  );
}

/** What `migrateQueue` would do, as a script for psql. */
export async function queueMigrationScript(
  client: pg.ClientBase,
  ours: string,
  name: string,
): Promise<string> {
  const tables = await queueTables(client, ours);
  const title = `-- Schema ${inComment(tables.schema)} of ${inComment(name)}`;
  if (tables.version === tables.needed) return `${title}: nothing is pending.\n`;
  return [
    `${title}: the tables of pg-boss ${tables.boss}, version ${tables.needed}, for runs with --share.`,
    '-- Apply it with psql, as the role that is to own the tables.',
    '\\set ON_ERROR_STOP on',
    (await migrationOf(client, tables)).trim(),
    '',
  ].join('\n');
}

async function migrationOf(client: pg.ClientBase, { schema, version }: QueueTables): Promise<string> {
  const { getConstructionPlans, getMigrationPlans } = await loadPgBoss();
  if (version !== null) return getMigrationPlans(schema, version);
  // If the schema exists, the right to create schemas is not needed.
  return getConstructionPlans(schema, { createSchema: !(await schemaExists(client, schema)) });
}

/** PostgreSQL builds an index `concurrently` only outside of a transaction, and several statements at once are one. */
function inParts(script: string): { readonly transaction: string; readonly afterwards: readonly string[] } {
  const end = script.lastIndexOf('COMMIT;') + 'COMMIT;'.length;
  const afterwards = script
    .slice(end)
    .split(/;\s*$/m)
    .map((statement) => statement.trim())
    .filter((statement) => statement !== '');
  return { transaction: script.slice(0, end), afterwards };
}
