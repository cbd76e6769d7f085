import { readPlace } from '../../../config/read-destination-ref.ts';
import { exitCodes } from '../../../errors/exit-codes.ts';
import { showRun } from '../../../past-runs/list-runs.ts';
import { askedRun } from '../../command/asked-run.ts';
import { type CommandArguments, jobFileArgument } from '../../command/command.ts';
import type { ProcessContext } from '../../command/process-context.ts';
import { resultWidth } from '../../terminal/result-width.ts';
import { stopSignal } from '../../terminal/stop-of-place.ts';
import { exitCodeOfSignal } from '../../terminal/stop-on-signals.ts';
import { waitingToLook } from '../../terminal/waiting-to-look.ts';
import { writeResult } from '../../terminal/write-result.ts';
import { runDetailsJson, runDetailsText } from './run-details.ts';

/** `chat-export show RUN`: one run with all details. */
export async function executeShow(flags: CommandArguments, surroundings: ProcessContext): Promise<number> {
  const { env, cwd, out } = surroundings;
  const run = askedRun('show', flags);
  const place = await readPlace({ flags, env, file: jobFileArgument(flags), cwd });
  const stop = stopSignal(place, surroundings);
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
