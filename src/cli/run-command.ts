import { readJob } from '../job/read-job.ts';
import { openLog } from '../report/log.ts';
import { runLog } from '../report/run-log.ts';
import { summaryJson, summaryTable } from '../report/summary.ts';
import { exportRun, type RunOutcome } from '../run/export-run.ts';
import { exitCodes } from './exit-codes.ts';
import { openScreen } from './screen.ts';
import type { Surroundings } from './surroundings.ts';

/** `chat-export run`: one run of a job, told on standard error, its result on standard output. */
export async function runExport(
  flags: Readonly<Record<string, unknown>>,
  surroundings: Surroundings,
): Promise<number> {
  const { env, cwd, out, onSignal, endNow } = surroundings;
  const file = typeof flags.job === 'string' ? flags.job : undefined;
  const { job, warnings } = await readJob({ flags, env, file, cwd });
  const screen = openScreen(surroundings);
  const { logLevel, logFormat, json, quiet } = job.output;
  const log = openLog({
    logLevel: quiet && logLevel === 'info' ? 'warn' : logLevel,
    logFormat,
    colour: screen.colour,
    write: screen.write,
  });
  for (const warning of warnings) log.warn(warning);

  const stop = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    onSignal(signal, () => {
      if (stop.signal.aborted) endNow(exitCodes[signal]);
      log.warn(`${signal}: calls under way end, what is whole is committed; once more to end at once`);
      stop.abort(signal);
    });
  }
  const { events, stop: stopProgress } = runLog(job, log, logFormat === 'json' ? null : screen.terminal);
  let outcome: RunOutcome;
  try {
    outcome = await exportRun(job, { events, stop: stop.signal });
  } finally {
    stopProgress();
  }
  const exitCode = exitCodeOf(outcome, stop.signal);
  const { rate } = job.pull;
  out.write(json ? `${summaryJson(outcome, rate, exitCode)}\n` : summaryTable(outcome, rate));
  return exitCode;
}

function exitCodeOf({ kind, record }: RunOutcome, stop: AbortSignal): number {
  if (kind === 'stopped') return stop.reason === 'SIGINT' ? exitCodes.SIGINT : exitCodes.SIGTERM;
  return record.counts.failed > 0 ? exitCodes.someUsersFailed : exitCodes.done;
}
