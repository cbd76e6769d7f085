import type { ConnectionOptions } from './dial.ts';
import { firstConnection } from './first-connection.ts';
import { type MigrationStatus, migrateUp, migrationStatus } from './migrations.ts';
import { asPostgresError } from './server-errors.ts';

/**
 * Brings a schema up to date (`applied`: what was just applied), or tells its state.
 * @throws {DestinationError} when the database cannot be reached or refuses
 */
export async function databaseMigrations(
  { schema, ...place }: Omit<ConnectionOptions, 'purpose'> & { readonly schema: string },
  action: 'up' | 'status',
): Promise<MigrationStatus> {
  try {
    const client = await firstConnection({ ...place, purpose: 'migration' });
    try {
      if (action === 'status') return await migrationStatus(client, schema);
      return { applied: await migrateUp(client, schema), pending: [] };
    } finally {
      await client.end();
    }
  } catch (error) {
    throw asPostgresError(error, place.name);
  }
}
