import type pg from 'pg';
import type { MigrationStatus } from '../../contract/kind-database.ts';
import type { ConnectionOptions } from '../connect/dial.ts';
import { firstConnection, readingConnection } from '../connect/first-connection.ts';
import { endReading } from '../connect/read-transaction.ts';
import { asPostgresError } from '../connect/server-errors.ts';
import { migrateQueue, queueMigrationScript, queueMigrationStatus } from '../sharing/queue-schema.ts';
import { migrationScript } from './migration-script.ts';
import { migrateUp, migrationStatus } from './migrations.ts';

/** A schema of a database, and how to reach it. */
export type SchemaPlace = Omit<ConnectionOptions, 'purpose'> & { readonly schema: string };

/** A schema to migrate. */
export type SchemaToMigrate = SchemaPlace & {
  /** Whether the tables of pg-boss belong to it, which shared runs need. */
  readonly share?: boolean | undefined;
};

/**
 * Applies a schema's pending migrations (`applied`: those just applied), or reports its state.
 * @throws {DestinationError} when the database cannot be reached or refuses
 */
export const databaseMigrations = (
  place: SchemaToMigrate,
  action: 'up' | 'status',
): Promise<MigrationStatus> =>
  action === 'status'
    ? over(place, readingConnection, async (client) => {
        const ours = await migrationStatus(client, place.schema);
        if (!place.share) return ours;
        const queue = await queueMigrationStatus(client, place.schema);
        return {
          applied: [...ours.applied, ...queue.applied],
          pending: [...ours.pending, ...queue.pending],
        };
      })
    : over(place, firstConnection, async (client) => {
        const applied = await migrateUp(client, place.schema);
        const queue = place.share ? await migrateQueue(client, place.schema) : [];
        return { applied: [...applied, ...queue], pending: [] };
      });

/** A schema's pending migrations as a script for psql. @throws as `databaseMigrations` does */
export const databaseMigrationScript = (place: SchemaToMigrate): Promise<string> =>
  over(place, readingConnection, async (client) => {
    const { schema, name, share } = place;
    const ours = await migrationScript(client, schema, name);
    return share ? `${ours}\n${await queueMigrationScript(client, schema, name)}` : ours;
  });

async function over<T>(
  place: SchemaPlace,
  open: (options: ConnectionOptions) => Promise<pg.Client>,
  work: (client: pg.ClientBase) => Promise<T>,
): Promise<T> {
  try {
    const client = await open({ ...place, purpose: 'migration' });
    try {
      return await work(client);
    } finally {
      await endReading(client);
    }
  } catch (error) {
    throw asPostgresError(error, place.name);
  }
}
