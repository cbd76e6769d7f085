import { checkJob } from '../check/check-job.ts';
import { readJob } from '../job/read-job.ts';
import { checkJson, checkText } from '../report/check-report.ts';
import { printable } from '../report/printable.ts';
import { type Given, jobFileOf } from './command.ts';
import { exitCodes } from './exit-codes.ts';
import { resultWidth } from './result-width.ts';
import { exitCodeOfSignal, stopOnSignals } from './stop-on-signals.ts';
import type { Surroundings } from './surroundings.ts';
import { waitingToLook } from './waiting-to-look.ts';

const endCodes = { ...exitCodes, users: exitCodes.someUsersFailed };

/**
 * `chat-export check`: all that a run needs is tried, and nothing is written. Ends with the code of the first thing
 * that a run would meet and that is wrong, or 0.
 */
export async function check(flags: Given, surroundings: Surroundings): Promise<number> {
  const { env, cwd, out, err } = surroundings;
  const { job, warnings } = await readJob({ flags, env, file: jobFileOf(flags), cwd });
  for (const warning of warnings) err.write(`chat-export: ${printable(warning)}\n`);
  const stop = stopOnSignals(surroundings, { endsSoon: () => job.users.file === null });
  try {
    const checked = await checkJob(job, waitingToLook(stop, surroundings));
    const wrong = checked.findings.find(({ state }) => state === 'fail');
    const exitCode = wrong === undefined ? exitCodes.done : endCodes[wrong.endsAs ?? 'usage'];
    const now = new Date();
    const { json } = job.output;
    out.write(
      json
        ? `${checkJson(checked, exitCode, now)}\n`
        : checkText(checked, job.pull.rate, now, resultWidth(surroundings)),
    );
    return exitCode;
  } catch (error) {
    if (stop.aborted) return exitCodeOfSignal(stop);
    throw error;
  }
}
