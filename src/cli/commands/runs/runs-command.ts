import { readPlace } from '../../../config/read-destination-ref.ts';
import { exitCodes } from '../../../errors/exit-codes.ts';
import { listRuns } from '../../../past-runs/list-runs.ts';
import { printable, printableJson } from '../../../report/text/printable.ts';
import { type CommandArguments, jobFileArgument } from '../../command/command.ts';
import type { ProcessContext } from '../../command/process-context.ts';
import { UsageError } from '../../command/usage-error.ts';
import { parseWholeNumber } from '../../command/whole-number.ts';
import { resultWidth } from '../../terminal/result-width.ts';
import { stopSignal } from '../../terminal/stop-of-place.ts';
import { exitCodeOfSignal } from '../../terminal/stop-on-signals.ts';
import { waitingToLook } from '../../terminal/waiting-to-look.ts';
import { runJson, runListText } from './run-list.ts';

const MAX_RUNS = 20;

/** `chat-export runs`: the runs in a destination, the newest first. */
export async function executeRuns(flags: CommandArguments, surroundings: ProcessContext): Promise<number> {
  const { env, cwd, out, err } = surroundings;
  if (Array.isArray(flags.last)) throw new UsageError('--last: given twice; give it once');
  const most = parseWholeNumber('--last', flags.last) ?? MAX_RUNS;
  const place = await readPlace({ flags, env, file: jobFileArgument(flags), cwd });
  const stop = stopSignal(place, surroundings);
  const watched = { ...place, waiting: waitingToLook(stop, surroundings) };
  const { destination, runs: found } = await listRuns(watched, place, most);
  if (stop.aborted) return exitCodeOfSignal(stop);
  if (place.json) out.write(`${printableJson(JSON.stringify(found.map(runJson)))}\n`);
  else if (found.length > 0) out.write(runListText(found, resultWidth(surroundings)));
  else
    err.write(
      `${printable(`${destination} holds no run${place.job === null ? '' : ` of job ${place.job}`}`)}\n`,
    );
  return exitCodes.done;
}
