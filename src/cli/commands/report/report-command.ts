import { resolve } from 'node:path';
import { type DestinationRef, readPlace } from '../../../config/read-destination-ref.ts';
import { readShownSettings } from '../../../config/shown-settings.ts';
import { exitCodes } from '../../../errors/exit-codes.ts';
import { errorText } from '../../../errors/system-error.ts';
import { type ShownRun, showRun } from '../../../past-runs/list-runs.ts';
import { failedByCause } from '../../../report/page/failed-users.ts';
import { runPage } from '../../../report/page/page.ts';
import { replaceFile } from '../../../report/replace-file.ts';
import { storedEnding } from '../../../report/text/headline.ts';
import { explainCause } from '../../../run/events/causes.ts';
import { askedRun } from '../../command/asked-run.ts';
import { type CommandArguments, jobFileArgument } from '../../command/command.ts';
import type { ProcessContext } from '../../command/process-context.ts';
import { UsageError } from '../../command/usage-error.ts';
import { stopSignal } from '../../terminal/stop-of-place.ts';
import { exitCodeOfSignal } from '../../terminal/stop-on-signals.ts';
import { waitingToLook } from '../../terminal/waiting-to-look.ts';
import { writeResult } from '../../terminal/write-result.ts';
import { PAGE_MODE, pageDestination } from '../run/run-page.ts';

/** `chat-export report RUN`: the page of one run. */
export async function executeReport(flags: CommandArguments, surroundings: ProcessContext): Promise<number> {
  const { env, cwd, out } = surroundings;
  const asked = askedRun('report', flags);
  const output = outputPath(flags, cwd);
  const file = jobFileArgument(flags);
  const sources = { flags, env, file, cwd };
  const place = await readPlace(sources);
  const settings = file === undefined ? null : await readShownSettings(sources);
  const stop = stopSignal(place, surroundings);
  const watched = { ...place, waiting: waitingToLook(stop, surroundings) };
  const ending = new AbortController();
  stop.addEventListener('abort', () => ending.abort(stop.reason));
  async function* page(run: ShownRun): AsyncGenerator<string> {
    const { record, destination, timeline, workers, unexported } = run;
    yield runPage({
      record,
      ending: storedEnding(run),
      destination: pageDestination(destination, place.destination),
      timeline,
      workers,
      failed: { causes: await failedByCause(unexported, record.counts.failures), unread: null },
      explain: explainCause,
      settings: belongsTo(place, record) && settings !== null ? { settings, areOfThisRun: false } : null,
      warnings: null,
      writtenAt: new Date(),
    });
  }
  await showRun(watched, asked, async (run) => {
    if (output === null) return await writeResult(out, page(run), ending);
    for await (const text of page(run)) await write(output, text);
  });
  if (stop.aborted) return exitCodeOfSignal(stop);
  return exitCodes.done;
}

/** Whether a run belongs to the job with these options. */
const belongsTo = ({ job, sdkAppId }: DestinationRef, record: ShownRun['record']): boolean =>
  (job === null || record.job === job) && (sdkAppId === null || record.sdkAppId === sdkAppId);

function outputPath({ output }: CommandArguments, cwd: string): string | null {
  if (output === undefined) return null;
  if (typeof output !== 'string') throw new UsageError('--output: given twice; give it once');
  if (!output.endsWith('.html'))
    throw new UsageError(`--output ${output}: expected a file that ends in .html`);
  return resolve(cwd, output);
}

async function write(path: string, page: string): Promise<void> {
  try {
    await replaceFile(path, page, PAGE_MODE);
  } catch (error) {
    throw new UsageError(`--output ${path} cannot be written: ${errorText(error, 'its directory')}`);
  }
}
