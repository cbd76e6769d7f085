import { migrateOptions } from '../../../config/model/option-sets.ts';
import { readPlace } from '../../../config/read-destination-ref.ts';
import { waitingOfRun } from '../../../destinations/postgres/connect/waiting.ts';
import {
  databaseMigrationScript,
  databaseMigrations,
} from '../../../destinations/postgres/schema/database-migrations.ts';
import { exitCodes } from '../../../errors/exit-codes.ts';
import { printable } from '../../../report/text/printable.ts';
import { type Given, jobFileOf } from '../../command/command.ts';
import type { ProcessContext } from '../../command/process-context.ts';
import { UsageError } from '../../command/usage-error.ts';
import { exitCodeOfSignal, stopOnSignals } from '../../terminal/stop-on-signals.ts';
import { waitingToLook } from '../../terminal/waiting-to-look.ts';

/** `chat-export migrate up|status|sql`: applies or shows the pending migrations of the database schema. */
export async function executeMigrate(flags: Given, surroundings: ProcessContext): Promise<number> {
  const { env, cwd, out } = surroundings;
  const { destination, caFile, maxOutageMs } = await readPlace(
    { flags, env, file: jobFileOf(flags), cwd },
    migrateOptions,
  );
  if (destination.kind !== 'postgres')
    throw new UsageError('migrate needs a database: a job that exports into one, or --to postgres://…');
  const stop = stopOnSignals(surroundings);
  const look = waitingToLook(stop, surroundings);
  const isUp = flags.action === 'up';
  const waiting = isUp
    ? { ...waitingOfRun({ maxOutageMs, stop, onNotice: look.onNotice }), subject: look.subject }
    : look;
  const { schema, shown } = destination;
  const database = { url: destination.url.reveal(), name: shown, schema, caFile, waiting };
  try {
    if (isUp) {
      const { applied } = await databaseMigrations(database, 'up');
      const done = applied.length === 0 ? 'is up to date' : `now has ${applied.join(', ')}`;
      out.write(`${printable(`${shown}, schema ${schema}: ${done}`)}\n`);
    } else if (flags.action === 'sql') out.write(await databaseMigrationScript(database));
    else {
      const { applied, pending } = await databaseMigrations(database, 'status');
      for (const name of applied) out.write(`applied  ${name}\n`);
      for (const name of pending) out.write(`pending  ${name}\n`);
    }
    return exitCodes.done;
  } catch (error) {
    if (stop.aborted) return exitCodeOfSignal(stop);
    throw error;
  }
}
