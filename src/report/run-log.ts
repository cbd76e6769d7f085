import type { Job } from '../job/job.ts';
import type { RunEvents } from '../run/run-events.ts';
import { grouped, timeSpan } from './figures.ts';
import type { Log } from './log.ts';
import { ProgressMeter, type Terminal } from './progress-meter.ts';

const FAILURES_SHOWN = 20;

/** Tells a run as log lines and progress. `stop` ends the progress. */
export function runLog(
  job: Job,
  log: Log,
  terminal: Terminal | null,
): { readonly events: RunEvents; readonly stop: () => void } {
  let meter: ProgressMeter | null = null;
  const shown = new Map<string, number>();
  const events: RunEvents = {
    onOpened({ record, decision, destination, usersDone, progress }) {
      const { users, duplicates } = record.list;
      const verb = decision.kind === 'begin' ? 'begins' : 'goes on';
      const rest = decision.kind === 'begin' ? '' : `; ${grouped(usersDone)} are done`;
      const repeated = duplicates > 0 ? ` (${grouped(duplicates)} repeated in the list)` : '';
      log.info(
        `run ${record.runId} of job ${record.job} ${verb}: ${decision.why}. ` +
          `${grouped(users)} users${repeated}${rest}; to ${destination}`,
        {
          run: record.runId,
          job: record.job,
          decision: decision.kind,
          users,
          duplicates,
          usersDone,
          destination,
        },
      );
      if (job.output.quiet) return;
      meter = new ProgressMeter(progress, {
        rate: job.pull.rate,
        terminal,
        log: (line) => log.info(line, { progress: progress() }),
      });
    },
    onCommitted({ number, counts }) {
      log.debug(`chunk ${number} is committed: ${counts.exported} users exported`, { chunk: number, counts });
    },
    onUnexported({ user_id: user, reason, error_code: code, error_info: info, attempts }) {
      const what = code === null ? reason : `${reason} ${code}`;
      const before = shown.get(reason) ?? 0;
      shown.set(reason, before + 1);
      const level = before < FAILURES_SHOWN && reason !== 'not_in_app' ? 'warn' : 'debug';
      log[level](
        `user ${user} was not exported: ${what}, after ${grouped(Number(attempts))} ${Number(attempts) === 1 ? 'call' : 'calls'}: ${info}`,
        {
          user,
          reason,
          code,
          info,
          attempts,
        },
      );
      if (level === 'warn' && before + 1 === FAILURES_SHOWN) {
        log.warn(
          `more users with ${reason} are counted and listed, not logged (--log-level debug logs each)`,
        );
      }
    },
    onOutage(what, outage) {
      const name = what === 'api' ? 'the API' : 'the destination';
      if (outage === null) {
        log.info(`${name} is back; the run goes on`);
        return;
      }
      const seen = outage.cause instanceof Error ? outage.cause.message : String(outage.cause);
      log.warn(
        `${name} is away; the run waits up to ${timeSpan(job.pull.maxOutageMs)} (--max-outage). Last seen: ${seen}`,
      );
    },
    onNotice: (message) => log.warn(message),
  };
  return { events, stop: () => meter?.stop() };
}
