import { stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import { readPlace } from '../job/read-place.ts';
import { verifyJson, verifyText } from '../report/verify-report.ts';
import { verifyRun } from '../verify/verify-run.ts';
import { type Given, jobFileOf } from './command.ts';
import { exitCodes } from './exit-codes.ts';
import { resultWidth } from './result-width.ts';
import { stopOf } from './stop-of-place.ts';
import { exitCodeOfSignal } from './stop-on-signals.ts';
import type { Surroundings } from './surroundings.ts';
import { UsageError } from './usage-error.ts';
import { waitingToLook } from './waiting-to-look.ts';
import { wholeNumber } from './whole-number.ts';

/** `chat-export verify`: whether a destination still is what its record says. Ends with 3 when something differs. */
export async function verify(given: Given, surroundings: Surroundings): Promise<number> {
  const { env, cwd, out } = surroundings;
  if (Array.isArray(given.run)) throw new UsageError('--run: given twice; give it once');
  const runId = wholeNumber('--run', given.run) ?? null;
  const { flags, file } = await directoryAsPlace(given, cwd);
  const place = await readPlace({ flags, env, file, cwd });
  const stop = stopOf(place, surroundings);
  const watched = { ...place, waiting: waitingToLook(stop, surroundings) };
  const verified = await verifyRun(watched, runId);
  if (stop.aborted) return exitCodeOfSignal(stop);
  const differs = verified.claims.some(({ state }) => state === 'differs');
  const exitCode = differs ? exitCodes.someUsersFailed : exitCodes.done;
  out.write(
    place.json ? `${verifyJson(verified, exitCode)}\n` : verifyText(verified, resultWidth(surroundings)),
  );
  return exitCode;
}

/** A directory in place of a job file is one of exported files. */
async function directoryAsPlace(
  flags: Given,
  cwd: string,
): Promise<{ flags: Given; file: string | undefined }> {
  const file = jobFileOf(flags);
  if (file === undefined) return { flags, file };
  const isDirectory = await stat(resolve(cwd, file)).then(
    (found) => found.isDirectory(),
    () => false,
  );
  if (!isDirectory) return { flags, file };
  if (flags.to !== undefined) {
    throw new UsageError(`chat-export verify ${file}: a directory and --to are given; keep one of them`);
  }
  // An archive of files tells by itself which form they have.
  return { flags: { ...flags, to: `csv:${file}` }, file: undefined };
}
