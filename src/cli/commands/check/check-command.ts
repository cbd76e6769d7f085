import { readJob } from '../../../config/read-job.ts';
import { exitCodes } from '../../../errors/exit-codes.ts';
import { checkJob } from '../../../preflight/check-job.ts';
import { printable } from '../../../report/text/printable.ts';
import { type CommandArguments, jobFileArgument } from '../../command/command.ts';
import type { ProcessContext } from '../../command/process-context.ts';
import { resultWidth } from '../../terminal/result-width.ts';
import { exitCodeOfSignal, stopOnSignals } from '../../terminal/stop-on-signals.ts';
import { waitingToLook } from '../../terminal/waiting-to-look.ts';
import { checkJson, checkText } from './check-report.ts';

/**
 * `chat-export check`: checks everything that a run needs, and writes nothing. Ends with the exit code of the first problem that
 * a run would meet, or 0.
 */
export async function executeCheck(flags: CommandArguments, surroundings: ProcessContext): Promise<number> {
  const { env, cwd, out, err } = surroundings;
  const { job, warnings } = await readJob({ flags, env, file: jobFileArgument(flags), cwd });
  for (const warning of warnings) err.write(`chat-export: ${printable(warning)}\n`);
  const stop = stopOnSignals(surroundings, { endsSoon: () => job.users.file === null });
  try {
    const checked = await checkJob(job, waitingToLook(stop, surroundings));
    const wrong = checked.findings.find(({ state }) => state === 'fail');
    const exitCode = wrong === undefined ? exitCodes.done : (wrong.exitCode ?? exitCodes.usage);
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
