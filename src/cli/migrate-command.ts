import { databaseMigrationScript, databaseMigrations } from '../destinations/postgres/database-migrations.ts';
import { databaseOptions } from '../job/option-sets.ts';
import { readPlace } from '../job/read-place.ts';
import { printable } from '../report/printable.ts';
import { type Given, jobFileOf } from './command.ts';
import { exitCodes } from './exit-codes.ts';
import type { Surroundings } from './surroundings.ts';
import { UsageError } from './usage-error.ts';

/** `chat-export migrate up|status|sql`: brings the database schema up to date, or says what it has and lacks. */
export async function migrate(flags: Given, { env, cwd, out }: Surroundings): Promise<number> {
  const { destination, caFile } = await readPlace(
    { flags, env, file: jobFileOf(flags), cwd },
    databaseOptions,
  );
  if (destination.kind !== 'postgres')
    throw new UsageError('migrate needs a database: a job that exports into one, or --to postgres://…');
  const { schema, shown } = destination;
  const database = { url: destination.url.reveal(), name: shown, schema, caFile };
  if (flags.action === 'up') {
    const applied = await databaseMigrations(database, 'up');
    const done = applied.applied.length === 0 ? 'is up to date' : `has now ${applied.applied.join(', ')}`;
    out.write(`${printable(`${shown}, schema ${schema}: ${done}`)}\n`);
    return exitCodes.done;
  }
  if (flags.action === 'sql') {
    out.write(await databaseMigrationScript(database));
    return exitCodes.done;
  }
  const { applied, pending } = await databaseMigrations(database, 'status');
  for (const name of applied) out.write(`applied  ${name}\n`);
  for (const name of pending) out.write(`pending  ${name}\n`);
  return exitCodes.done;
}
