import type { Job } from '../../../config/model/job.ts';
import { readJob } from '../../../config/read-job.ts';
import { exitCodes } from '../../../errors/exit-codes.ts';
import { type Log, openLog } from '../../../report/log.ts';
import { combineListeners } from '../../../report/progress/combine-listeners.ts';
import { runLog } from '../../../report/progress/run-log.ts';
import { type Outcome, summaryJson, summaryTable } from '../../../report/text/summary.ts';
import { NothingToRetry } from '../../../run/errors/run-errors.ts';
import { reasonOf } from '../../../run/errors/why-stopped.ts';
import { OUT_OF_TIME } from '../../../run/events/deadline.ts';
import type { RunEvents } from '../../../run/events/run-events.ts';
import { exportRun } from '../../../run/export-run.ts';
import { type Given, jobFileOf } from '../../command/command.ts';
import { failureOf } from '../../command/failure.ts';
import type { ProcessContext } from '../../command/process-context.ts';
import { boundHeap } from '../../terminal/bounded-heap.ts';
import { resultWidth } from '../../terminal/result-width.ts';
import { openScreen, type Screen } from '../../terminal/screen.ts';
import { exitCodeOfSignal, stopOnSignals } from '../../terminal/stop-on-signals.ts';
import { type RunWatch, watchRun } from './run-watch.ts';

type Opened = Parameters<NonNullable<RunEvents['onOpened']>>[0];

/** `chat-export run`: one run of a job, told on standard error, its result on standard output. */
export async function executeRun(flags: Given, surroundings: ProcessContext): Promise<number> {
  const { env, cwd } = surroundings;
  const read = await readJob({ flags, env, file: jobFileOf(flags), cwd });
  const { job, warnings } = read;
  const screen = await openScreen(surroundings);
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
    const exitCode = await startRun({ job, warnings, log, screen, watch }, surroundings);
    await watch.ended(exitCode);
    if (logFormat === 'json') log.info(`this attempt ended with ${exitCode}`, { exitCode });
    return exitCode;
  } catch (error) {
    const { exitCode, lines } = failureOf(error);
    await watch.ended(exitCode);
    if (logFormat !== 'json') throw error;
    // Whoever collects the log reads nothing else.
    for (const line of lines) log.error(line, { exitCode });
    return exitCode;
  }
}

type Start = {
  readonly job: Job;
  readonly warnings: readonly string[];
  readonly log: Log;
  readonly screen: Screen;
  readonly watch: RunWatch;
};

async function startRun(
  { job, warnings, log, screen, watch }: Start,
  surroundings: ProcessContext,
): Promise<number> {
  const { logFormat, json } = job.output;
  let opened: Opened | null = null;
  let openedAt = performance.now();
  let isOver = false;
  let stopProgress = (): void => {};
  const endNow = (exitCode: number): void => {
    stopProgress();
    surroundings.endNow(exitCode);
  };
  const stop = stopOnSignals(
    { ...surroundings, endNow },
    {
      hasWork: () => opened !== null && !isOver,
      endsSoon: () => job.users.file === null,
      onStop: (signal) =>
        log.warn(
          opened === null
            ? `${signal}: the run was not opened yet; nothing was called`
            : isOver
              ? `${signal}: the run has ended; its pending pings and files are not waited for`
              : `${signal}: finishing calls in progress and committing complete chunks; send the signal again to stop at once`,
        ),
    },
  );
  // Whoever reads a line of this may send a signal: as the first process of a container, one that nobody listens to is lost.
  for (const warning of warnings) log.warn(warning);
  const told = runLog(job, log, logFormat === 'json' ? null : screen.terminal);
  stopProgress = told.stop;
  const onOpened: RunEvents['onOpened'] = (about) => {
    opened = about;
    openedAt = performance.now();
  };
  const show = (outcome: Outcome, exitCode: number): number => {
    const { rate } = job.pull;
    watch.came(outcome);
    surroundings.out.write(
      json
        ? `${summaryJson(outcome, rate, exitCode)}\n`
        : summaryTable(outcome, rate, resultWidth(surroundings)),
    );
    return exitCode;
  };
  try {
    const outcome = await exportRun(job, {
      events: combineListeners([{ onOpened }, told.events, ...watch.events]),
      stop,
    });
    isOver = true;
    stopProgress();
    return show(outcome, exitCodeOf(outcome, stop));
  } catch (error) {
    isOver = true;
    stopProgress();
    if (error instanceof NothingToRetry) {
      log.info(error.message);
      if (json)
        surroundings.out.write(
          `${JSON.stringify({ outcome: 'nothing-to-retry', exit_code: exitCodes.done })}\n`,
        );
      return exitCodes.done;
    }
    if (opened === null && error === OUT_OF_TIME) {
      log.warn(`--max-duration is over before the run was opened; nothing was called`);
      return exitCodes.outOfTime;
    }
    if (opened === null && stop.aborted && error === stop.reason) return exitCodeOfSignal(stop);
    if (opened !== null) {
      const { exitCode } = failureOf(error);
      show(failedOutcome(opened, reasonOf(error), performance.now() - openedAt), exitCode);
      // What a guard stops, it would stop again, and a run that another attempt has is that one's: their own words say what to do.
      if (exitCode !== exitCodes.guard && exitCode !== exitCodes.locked) log.info(whatNext(opened));
    }
    throw error;
  }
}

function failedOutcome({ record, destination, progress }: Opened, error: string, pullMs: number): Outcome {
  const { counts, calls, failedCalls } = progress();
  return { kind: 'failed', error, record: { ...record, counts }, destination, calls, failedCalls, pullMs };
}

function whatNext({ record, progress }: Opened): string {
  const goesOn = `the same command resumes run ${record.runId}`;
  return progress().usersDone > 0
    ? `committed data is safe; ${goesOn}`
    : `nothing is committed yet; ${goesOn}, or starts over with --fresh, which is needed if the app or its address changes`;
}

function exitCodeOf({ kind, record }: Outcome, stop: AbortSignal): number {
  if (kind === 'stopped' && record.stopReason === OUT_OF_TIME) return exitCodes.outOfTime;
  if (kind === 'stopped') return exitCodeOfSignal(stop);
  return record.counts.failed > 0 ? exitCodes.someUsersFailed : exitCodes.done;
}
