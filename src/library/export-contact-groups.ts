import { readJob } from '../config/read-job.ts';
import { exportOptionNames } from '../config/sources/code-options.ts';
import { exitCodes } from '../errors/exit-codes.ts';
import { NothingToRetry } from '../run/errors/run-errors.ts';
import { OUT_OF_TIME } from '../run/events/deadline.ts';
import type { Decision, RunEvents } from '../run/events/run-events.ts';
import { exportRun, type RunOutcome } from '../run/export-run.ts';
import { type ExportListeners, eventsFor, publicDecision } from './export-events.ts';
import type { ExportOutcome, StoppedExport } from './export-outcome.ts';
import type { ExportOptions } from './options.ts';
import { jobSources } from './sources.ts';

export interface ExportControl extends ExportListeners {
  /**
   * Stops the run cleanly: calls under way have 5 s to end, pulled users are committed, and the outcome has the status `stopped`.
   */
  readonly signal?: AbortSignal | undefined;
}

type Opened = Parameters<NonNullable<RunEvents['onOpened']>>[0];

/** The stop reason in the run's record. The signal's own reason may be any text, and is not stored. */
const BY_SIGNAL = 'abort';

/**
 * Exports the contact groups of a whole list of users to a destination: the run of `chat-export run`, with the same
 * guarantees. It resumes an unfinished run of the same name, or starts one.
 * @throws {@link JobError}, {@link UserListError}, {@link RunRefused} and {@link InvalidDestination} before anything is called or
 * written; {@link DestinationLocked}; {@link ApiUnusable}, {@link GuardTripped}, {@link DestinationError} and {@link LockLost} when
 * the run must end early; the same call resumes it
 * @example
 * const outcome = await exportContactGroups(
 *   { users: 'users.txt', to: 'csv:export', region: 'singapore', sdkAppId: 1400000000, secretKeyFile: 'secret-key' },
 *   { signal: AbortSignal.timeout(3_600_000), onUnexported: (user) => console.warn(user.userId, user.info) },
 * );
 * if (outcome.status === 'finished') console.log(outcome.run.counts.exported);
 */
export async function exportContactGroups(
  options: ExportOptions,
  { signal, ...listeners }: ExportControl = {},
): Promise<ExportOutcome> {
  const { job, warnings } = await readJob(jobSources(options, exportOptionNames));
  const events = eventsFor(listeners);
  for (const warning of warnings) events.onNotice(warning);
  let opened: Opened | null = null;
  const stop = new AbortController();
  const onAbort = (): void => stop.abort(BY_SIGNAL);
  if (signal?.aborted) onAbort();
  signal?.addEventListener('abort', onAbort, { once: true });
  try {
    const outcome = await exportRun(job, {
      events: {
        ...events,
        onOpened: (about) => {
          opened = about;
          events.onOpened?.(about);
        },
      },
      stop: stop.signal,
    });
    return asOutcome(outcome, opened);
  } catch (error) {
    if (error instanceof NothingToRetry)
      return { status: 'nothing-to-retry', exitCode: exitCodes.done, run: null };
    if (error === BY_SIGNAL || error === OUT_OF_TIME) return stopped(error, null);
    throw error;
  } finally {
    signal?.removeEventListener('abort', onAbort);
  }
}

function asOutcome(
  { kind, record, destination, calls, failedCalls, byAnother, elsewhere }: RunOutcome,
  opened: Opened | null,
): ExportOutcome {
  const { runId, startedAt, counts } = record;
  const finishedCode = counts.failed > 0 ? exitCodes.someUsersFailed : exitCodes.done;
  if (byAnother) {
    const run = { runId, destination, startedAt, counts, calls, failedCalls };
    return { status: 'finished-by-another', exitCode: finishedCode, run };
  }
  if (opened === null && elsewhere === undefined)
    throw new TypeError('a run that was pulled had been opened');
  const decision = opened === null ? LATE : publicDecision(opened.decision);
  const run = { runId, decision, destination, startedAt, counts, calls, failedCalls, elsewhere };
  if (kind === 'stopped') return stopped(record.stopReason, run);
  return { status: 'finished', exitCode: finishedCode, run };
}

const LATE: Decision = { kind: 'join', why: 'other processes have finished it' };

const stopped = (by: unknown, run: StoppedExport['run']): StoppedExport =>
  by === OUT_OF_TIME
    ? { status: 'stopped', by: 'max-duration', exitCode: exitCodes.outOfTime, run }
    : { status: 'stopped', by: 'signal', exitCode: exitCodes.SIGINT, run };
