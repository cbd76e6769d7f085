import type pg from 'pg';
import type { MigrationStatus } from '../../contract/kind-database.ts';
import type { ConnectionOptions } from '../connect/dial.ts';
import { firstConnection, readingConnection } from '../connect/first-connection.ts';
import { endReading } from '../connect/read-transaction.ts';
import { asPostgresError } from '../connect/server-errors.ts';
import { migrationScript } from './migration-script.ts';
import { migrateUp, migrationStatus } from './migrations.ts';

/** A schema of a database, and how to reach it. */
export type SchemaPlace = Omit<ConnectionOptions, 'purpose'> & { readonly schema: string };

/**
 * Applies a schema's pending migrations (`applied`: those just applied), or reports its state.
 * @throws {DestinationError} when the database cannot be reached or refuses
 */
export const databaseMigrations = (place: SchemaPlace, action: 'up' | 'status'): Promise<MigrationStatus> =>
  action === 'status'
    ? over(place, readingConnection, (client) => migrationStatus(client, place.schema))
    : over(place, firstConnection, async (client) => ({
        applied: await migrateUp(client, place.schema),
        pending: [],
      }));

/** A schema's pending migrations as a script for psql. @throws as `databaseMigrations` does */
export const databaseMigrationScript = (place: SchemaPlace): Promise<string> =>
  over(place, readingConnection, (client) => migrationScript(client, place.schema, place.name));

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
