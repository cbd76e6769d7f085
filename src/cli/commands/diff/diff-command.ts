import { readPlace } from '../../../config/read-destination-ref.ts';
import { exitCodes } from '../../../errors/exit-codes.ts';
import { diffRuns } from '../../../past-runs/diff-runs.ts';
import { type CommandArguments, jobFileArgument } from '../../command/command.ts';
import type { ProcessContext } from '../../command/process-context.ts';
import { UsageError } from '../../command/usage-error.ts';
import { parseWholeNumber } from '../../command/whole-number.ts';
import { resultWidth } from '../../terminal/result-width.ts';
import { stopSignal } from '../../terminal/stop-of-place.ts';
import { exitCodeOfSignal } from '../../terminal/stop-on-signals.ts';
import { waitingToLook } from '../../terminal/waiting-to-look.ts';
import { writeResult } from '../../terminal/write-result.ts';
import { runDiffJson, runDiffText } from './run-diff.ts';

/** `chat-export diff RUN [SINCE] [JOB]`: the changes between two runs. */
export async function executeDiff(given: CommandArguments, surroundings: ProcessContext): Promise<number> {
  const flags = withJobNamed(given);
  const { env, cwd, out } = surroundings;
  const runId = parseWholeNumber('the run', flags.run);
  if (runId === undefined)
    throw new UsageError('chat-export diff RUN: a number is missing; chat-export runs lists them');
  const since = parseWholeNumber('the earlier run', flags.since);
  const place = await readPlace({ flags, env, file: jobFileArgument(flags), cwd });
  const stop = stopSignal(place, surroundings);
  const watched = { ...place, waiting: waitingToLook(stop, surroundings) };
  const ending = new AbortController();
  stop.addEventListener('abort', () => ending.abort(stop.reason));
  await diffRuns(watched, { runId, since }, (found) =>
    writeResult(out, place.json ? runDiffJson(found) : runDiffText(found, resultWidth(surroundings)), ending),
  );
  return stop.aborted ? exitCodeOfSignal(stop) : exitCodes.done;
}

/** Of two arguments, the second one is the job unless it is a number. */
function withJobNamed(given: CommandArguments): CommandArguments {
  const { since, job, ...others } = given;
  if (typeof since !== 'string' || job !== undefined || /^\d+$/.test(since)) return given;
  return { ...others, job: since };
}
