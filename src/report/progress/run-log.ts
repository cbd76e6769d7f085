import type { Job } from '../../config/model/job.ts';
import type { RunEvents } from '../../run/events/run-events.ts';
import { grouped, timeSpan } from '../../text/format.ts';
import type { Log } from '../log.ts';
import { workerText } from '../text/worker-text.ts';
import { FailureLog } from './failure-log.ts';
import { ProgressMeter, type Terminal } from './progress-meter.ts';
import { WaitMeter } from './wait-meter.ts';

/** Logs the events and the progress of a run. `stop` ends the progress, and logs what was only counted. */
export function runLog(
  job: Job,
  log: Log,
  terminal: Terminal | null,
): { readonly events: RunEvents; readonly stop: () => void } {
  let meter: ProgressMeter | WaitMeter | null = null;
  const failures = new FailureLog(log);
  const away = { api: false, destination: false };
  const events: RunEvents = {
    onOpened({ record, decision, destination, usersDone, progress }) {
      const { users, duplicates } = record.list;
      const verb = { start: 'starts', resume: 'resumes', join: 'is joined' }[decision.kind];
      const rest = decision.kind === 'start' ? '' : `; ${grouped(usersDone)} are processed`;
      const retries =
        record.retryOfRun === null ? '' : ` It pulls the failed users of run ${record.retryOfRun} again.`;
      const repeated = duplicates > 0 ? ` (${grouped(duplicates)} repeated in the list)` : '';
      log.info(
        `run ${record.runId} of job ${record.job} ${verb}: ${decision.why}.${retries} ` +
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
        quota: job.pull.rate,
        away,
        terminal,
        log: (line, figures) => log.info(line, { progress: figures }),
      });
    },
    onCommitted({ number, counts }) {
      log.debug(`chunk ${number} is committed: ${counts.exported} users exported`, { chunk: number, counts });
    },
    onUnexported: failures.add,
    onOutage(what, outage) {
      away[what] = outage !== null;
      const name = what === 'api' ? 'the API' : 'the destination';
      if (outage === null) {
        log.info(`${name} has recovered; the run continues`);
        return;
      }
      const seen = outage.cause instanceof Error ? outage.cause.message : String(outage.cause);
      log.warn(
        `${name} is unavailable; the run waits up to ${timeSpan(job.pull.maxOutageMs)} (--max-outage). Last error: ${seen}`,
      );
    },
    onLockWait(wait) {
      meter?.stop();
      meter = null;
      if (wait === null) {
        log.info('the lock is free; this attempt continues');
        return;
      }
      const { holder, waitedMs, maxMs } = wait;
      log.info(
        `another run is at work in the destination: ${holder}; this attempt waits up to ${timeSpan(maxMs)} (--wait-for-lock)`,
        { holder, waitedMs, maxMs },
      );
      if (terminal !== null && !job.output.quiet) meter = new WaitMeter(wait, terminal);
    },
    onNotice: (message) => log.warn(message),
    onWorker(news) {
      const line = workerText(news);
      if (news.kind === 'silent') log.warn(line, news);
      else log.info(line, news);
    },
  };
  const stop = (): void => {
    meter?.stop();
    failures.end();
  };
  return { events, stop };
}
