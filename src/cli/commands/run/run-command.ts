import type { Job } from '../../../config/model/job.ts';
import { readJob } from '../../../config/read-job.ts';
import { exitCodes } from '../../../errors/exit-codes.ts';
import { type Log, openLog } from '../../../report/log.ts';
import { combineListeners } from '../../../report/progress/combine-listeners.ts';
import { runLog } from '../../../report/progress/run-log.ts';
import { type Outcome, summaryJson, summaryTable } from '../../../report/text/summary.ts';
import { NothingToRetry } from '../../../run/errors/run-errors.ts';
import { recordedError } from '../../../run/errors/why-stopped.ts';
import { OUT_OF_TIME } from '../../../run/events/deadline.ts';
import { exportRun } from '../../../run/export-run.ts';
import { type CommandArguments, jobFileArgument } from '../../command/command.ts';
import { asFailure } from '../../command/failure.ts';
import type { ProcessContext } from '../../command/process-context.ts';
import { boundHeap } from '../../terminal/bounded-heap.ts';
import { resultWidth } from '../../terminal/result-width.ts';
import { openScreen, type Screen } from '../../terminal/screen.ts';
import { exitCodeOfSignal, stopOnSignals } from '../../terminal/stop-on-signals.ts';
import { AttemptPhase } from './attempt-phase.ts';
import { type RunWatch, watchRun } from './run-watch.ts';

/** `chat-export run`: an attempt at a job's run. Standard error has the log, standard output the result. */
export async function executeRun(flags: CommandArguments, context: ProcessContext): Promise<number> {
  const { env, cwd } = context;
  const read = await readJob({ flags, env, file: jobFileArgument(flags), cwd });
  const { job, warnings } = read;
  const screen = await openScreen(context);
  const { logLevel, logFormat, quiet } = job.output;
  const log = openLog({
    logLevel: quiet && logLevel === 'info' ? 'warn' : logLevel,
    logFormat,
    colour: screen.colour,
    write: screen.write,
  });

  boundHeap();
  const watch = watchRun(read, log);
  try {
    const exitCode = await attemptRun({ job, warnings, log, screen, watch, context });
    await watch.ended(exitCode);
    if (logFormat === 'json') log.info(`this attempt ended with ${exitCode}`, { exitCode });
    return exitCode;
  } catch (error) {
    const { exitCode, lines } = asFailure(error);
    await watch.ended(exitCode);
    if (logFormat !== 'json') throw error;
    // A collector of the log reads nothing else.
    for (const line of lines) log.error(line, { exitCode });
    return exitCode;
  }
}

type Attempt = {
  readonly job: Job;
  readonly warnings: readonly string[];
  readonly log: Log;
  readonly screen: Screen;
  readonly watch: RunWatch;
  readonly context: ProcessContext;
};

/** One attempt at the job's run, and its result on standard output. Returns the exit code. */
async function attemptRun(attempt: Attempt): Promise<number> {
  const { job, warnings, log, screen, watch, context } = attempt;
  const phase = new AttemptPhase();
  const progress = runLog(job, log, job.output.logFormat === 'json' ? null : screen.terminal);
  const endNow = (exitCode: number): void => {
    progress.stop();
    context.endNow(exitCode);
  };
  const stop = stopOnSignals(
    { ...context, endNow },
    {
      hasWork: () => phase.isAtWork,
      endsSoon: () => job.users.file === null,
      onStop: (signal) => log.warn(`${signal}: ${phase.effectOfSignal}`),
    },
  );
  // Signals are listened to before the first line: its reader may send one, and the first process of a container would not get it.
  for (const warning of warnings) log.warn(warning);
  const end = (): void => {
    phase.end();
    progress.stop();
  };
  try {
    const events = combineListeners([phase.events, progress.events, ...watch.events]);
    const outcome = await exportRun(job, { events, stop });
    end();
    const exitCode = outcomeExitCode(outcome, stop);
    if (outcome.byAnother) {
      log.info(
        `another attempt finished run ${outcome.record.runId} while this one waited for its lock; this one made no call`,
      );
    }
    showOutcome(outcome, exitCode, attempt);
    return exitCode;
  } catch (error) {
    end();
    return explainEnd(error, phase, stop, attempt);
  }
}

function showOutcome(
  outcome: Outcome,
  exitCode: number,
  { job: { output, pull }, watch, context }: Attempt,
): void {
  watch.came(outcome);
  context.out.write(
    output.json
      ? `${summaryJson(outcome, pull.rate, exitCode)}\n`
      : summaryTable(outcome, pull.rate, resultWidth(context)),
  );
}

/** The exit code of an attempt that ended without an outcome. @throws {error} when it is one that the caller explains */
function explainEnd(error: unknown, phase: AttemptPhase, stop: AbortSignal, attempt: Attempt): number {
  const { log, job, context } = attempt;
  if (error instanceof NothingToRetry) {
    log.info(error.message);
    const result = { outcome: 'nothing-to-retry', exit_code: exitCodes.done };
    if (job.output.json) context.out.write(`${JSON.stringify(result)}\n`);
    return exitCodes.done;
  }
  if (!phase.isOpened && error === OUT_OF_TIME) {
    log.warn(`--max-duration is over before the run was opened; nothing was called`);
    return exitCodes.outOfTime;
  }
  if (!phase.isOpened && stop.aborted && error === stop.reason) return exitCodeOfSignal(stop);
  const failed = phase.failed(recordedError(error));
  if (failed !== null) {
    const { exitCode } = asFailure(error);
    showOutcome(failed.outcome, exitCode, attempt);
    // A guard would stop the run again, and a run that another attempt has is not resumed: those errors say what to do.
    if (exitCode !== exitCodes.guard && exitCode !== exitCodes.locked) log.info(failed.next);
  }
  throw error;
}

function outcomeExitCode({ kind, record }: Outcome, stop: AbortSignal): number {
  if (kind === 'stopped' && record.stopReason === OUT_OF_TIME) return exitCodes.outOfTime;
  if (kind === 'stopped') return exitCodeOfSignal(stop);
  return record.counts.failed > 0 ? exitCodes.someUsersFailed : exitCodes.done;
}
