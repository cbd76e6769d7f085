import { migrateOptions } from '../../../config/model/option-sets.ts';
import { readPlace } from '../../../config/read-destination-ref.ts';
import { waitingOfRun } from '../../../destinations/contract/waiting.ts';
import { destinationKind } from '../../../destinations/open/kinds.ts';
import { migratableForms } from '../../../destinations/open/parse-destination.ts';
import { exitCodes } from '../../../errors/exit-codes.ts';
import { printable } from '../../../report/text/printable.ts';
import { type CommandArguments, jobFileArgument } from '../../command/command.ts';
import type { ProcessContext } from '../../command/process-context.ts';
import { UsageError } from '../../command/usage-error.ts';
import { exitCodeOfSignal, stopOnSignals } from '../../terminal/stop-on-signals.ts';
import { waitingToLook } from '../../terminal/waiting-to-look.ts';

/** `chat-export migrate up|status|sql`: applies or shows the pending migrations of the database schema. */
export async function executeMigrate(flags: CommandArguments, surroundings: ProcessContext): Promise<number> {
  const { env, cwd, out } = surroundings;
  const { destination, caFile, maxOutageMs, share } = await readPlace(
    { flags, env, file: jobFileArgument(flags), cwd },
    migrateOptions,
  );
  const { about, database } = destinationKind(destination);
  const migrations = database?.migrations ?? null;
  if (migrations === null)
    throw new UsageError(`migrate needs a database: a job that exports into one, or --to ${migratableForms}`);
  const stop = stopOnSignals(surroundings);
  const look = waitingToLook(stop, surroundings);
  const isUp = flags.action === 'up';
  const waiting = isUp
    ? { ...waitingOfRun({ maxOutageMs, stop, onNotice: look.onNotice }), subject: look.subject }
    : look;
  const { name, schema } = about(destination);
  const settings = { caFile, waiting, share };
  try {
    if (isUp) {
      const { applied } = await migrations.up(destination, settings);
      const done = applied.length === 0 ? 'is up to date' : `now has ${applied.join(', ')}`;
      out.write(`${printable(`${name}, schema ${schema}: ${done}`)}\n`);
    } else if (flags.action === 'sql') out.write(await migrations.script(destination, settings));
    else {
      const { applied, pending } = await migrations.status(destination, settings);
      for (const migration of applied) out.write(`applied  ${migration}\n`);
      for (const migration of pending) out.write(`pending  ${migration}\n`);
    }
    return exitCodes.done;
  } catch (error) {
    if (stop.aborted) return exitCodeOfSignal(stop);
    throw error;
  }
}
