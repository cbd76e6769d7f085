import { readPlace } from '../job/read-place.ts';
import { runDetailsJson, runDetailsText } from '../report/run-details.ts';
import { showRun } from '../run/list-runs.ts';
import { askedRun } from './asked-run.ts';
import { type Given, jobFileOf } from './command.ts';
import { exitCodes } from './exit-codes.ts';
import { resultWidth } from './result-width.ts';
import { stopOf } from './stop-of-place.ts';
import { exitCodeOfSignal } from './stop-on-signals.ts';
import type { Surroundings } from './surroundings.ts';
import { waitingToLook } from './waiting-to-look.ts';
import { writeResult } from './write-result.ts';

/** `chat-export show RUN`: one run whole. */
export async function show(flags: Given, surroundings: Surroundings): Promise<number> {
  const { env, cwd, out } = surroundings;
  const run = askedRun('show', flags);
  const place = await readPlace({ flags, env, file: jobFileOf(flags), cwd });
  const stop = stopOf(place, surroundings);
  const watched = { ...place, waiting: waitingToLook(stop, surroundings) };
  const ending = new AbortController();
  stop.addEventListener('abort', () => ending.abort(stop.reason));
  await showRun(watched, run, (run) =>
    writeResult(
      out,
      place.json ? runDetailsJson(run) : runDetailsText(run, resultWidth(surroundings)),
      ending,
    ),
  );
  return stop.aborted ? exitCodeOfSignal(stop) : exitCodes.done;
}
