import { stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import { readPlace } from '../../../config/read-destination-ref.ts';
import { exitCodes } from '../../../errors/exit-codes.ts';
import { verifyRun } from '../../../past-runs/verify-run.ts';
import { type CommandArguments, jobFileArgument } from '../../command/command.ts';
import type { ProcessContext } from '../../command/process-context.ts';
import { UsageError } from '../../command/usage-error.ts';
import { parseWholeNumber } from '../../command/whole-number.ts';
import { resultWidth } from '../../terminal/result-width.ts';
import { stopSignal } from '../../terminal/stop-of-place.ts';
import { exitCodeOfSignal } from '../../terminal/stop-on-signals.ts';
import { waitingToLook } from '../../terminal/waiting-to-look.ts';
import { verifyJson, verifyText } from './verify-report.ts';

/** `chat-export verify`: compares a destination with its record. Ends with 3 when something differs. */
export async function executeVerify(given: CommandArguments, surroundings: ProcessContext): Promise<number> {
  const { env, cwd, out } = surroundings;
  if (Array.isArray(given.run)) throw new UsageError('--run: given twice; give it once');
  const runId = parseWholeNumber('--run', given.run) ?? null;
  const { flags, file } = await directoryAsPlace(given, cwd);
  const place = await readPlace({ flags, env, file, cwd });
  const stop = stopSignal(place, surroundings);
  const watched = { ...place, waiting: waitingToLook(stop, surroundings) };
  const verified = await verifyRun(watched, runId);
  if (stop.aborted) return exitCodeOfSignal(stop);
  const differs = verified.checks.some(({ state }) => state === 'differs');
  const exitCode = differs ? exitCodes.someUsersFailed : exitCodes.done;
  out.write(
    place.json ? `${verifyJson(verified, exitCode)}\n` : verifyText(verified, resultWidth(surroundings)),
  );
  return exitCode;
}

/** A directory in place of a job file holds exported files. */
async function directoryAsPlace(
  flags: CommandArguments,
  cwd: string,
): Promise<{ flags: CommandArguments; file: string | undefined }> {
  const file = jobFileArgument(flags);
  if (file === undefined) return { flags, file };
  const isDirectory = await stat(resolve(cwd, file)).then(
    (found) => found.isDirectory(),
    () => false,
  );
  if (!isDirectory) return { flags, file };
  if (flags.to !== undefined) {
    throw new UsageError(`chat-export verify ${file}: a directory and --to are given; keep one of them`);
  }
  // An archive of files detects their format.
  return { flags: { ...flags, to: `csv:${file}` }, file: undefined };
}
