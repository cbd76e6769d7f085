import { accessSync, constants } from 'node:fs';
import { dirname } from 'node:path';
import type { readJob } from '../../../config/read-job.ts';
import { exitCodes } from '../../../errors/exit-codes.ts';
import { errorText } from '../../../errors/system-error.ts';
import { Ping } from '../../../ping/ping.ts';
import type { Log } from '../../../report/log.ts';
import { MetricsFile } from '../../../report/metrics/metrics-file.ts';
import type { Outcome } from '../../../report/text/summary.ts';
import type { Elsewhere, RunEvents } from '../../../run/events/run-events.ts';
import { RunPage } from './run-page.ts';

type ReadJob = Awaited<ReturnType<typeof readJob>>;

/** Reports a run to machines, and to people afterwards. No failure here can fail the run. */
export type RunWatch = {
  readonly events: readonly RunEvents[];
  /** The result of the run. */
  readonly came: (outcome: Outcome) => void;
  /** The end of the attempt. Resolves when all reports were made or have failed, within seconds. */
  readonly ended: (exitCode: number) => Promise<void>;
};

// Metrics and --max-failed-users are there for failed users. A stop on time was asked for.
const good: ReadonlySet<number> = new Set([exitCodes.done, exitCodes.someUsersFailed, exitCodes.outOfTime]);

/** Watches a run as its job asks for; warnings and settings are those of the job. */
export function watchRun({ job, warnings, settings }: ReadJob, log: Log): RunWatch {
  const { network } = job;
  // Metrics and pings describe runs of the whole list. The few users of a retry run would look like one.
  const watch = job.users.failedOf === null ? job.watch : { ...job.watch, metricsFile: null, ping: null };
  const onFailure = (message: string): void => log.warn(message);
  const { metricsFile: path } = watch;
  const file = path === null ? null : new MetricsFile({ path, job, onFailure });
  const ping = watch.ping === null ? null : new Ping({ ...watch.ping, ca: network.ca, onFailure });
  const page =
    watch.report === null ? null : new RunPage({ path: watch.report, job, warnings, settings, onFailure });
  if (watch.report !== null) warnOfPlace(watch.report, log);
  let isOpened = false;
  let elsewhere: Elsewhere | null = null;
  let isByAnother = false;
  return {
    events: [
      ...(page === null ? [] : [page.events]),
      ...(file === null ? [] : [file.events]),
      ...(ping === null ? [] : [pingsOfStart(ping)]),
      {
        onOpened: () => {
          isOpened = true;
        },
        onElsewhere: (run) => {
          elsewhere = run;
        },
      },
    ],
    came: (outcome) => {
      isByAnother = outcome.byAnother === true;
      file?.came(outcome);
      page?.came(outcome);
    },
    ended: async (exitCode) => {
      // A list that is not read to its end leads to no call: that is not a success.
      const isGood = isOpened && good.has(exitCode);
      // The other attempt sends its own pings. A ping of this attempt would look like one of them.
      const isOthers = exitCode === exitCodes.locked || isByAnother || elsewhere !== null;
      // Of a shared run, one process reports the end. The page is of the whole run, so it is written once that has ended.
      await Promise.all([
        file?.end(exitCode),
        elsewhere === 'running' ? null : page?.end(),
        isOthers ? null : ping?.end(isGood ? 'success' : 'failure'),
      ]);
    },
  };
}

/** A process that joins a shared run does not start it. */
const pingsOfStart = (ping: Ping): RunEvents => ({
  onOpened: ({ decision }) => {
    if (decision.kind !== 'join') ping.start();
  },
});

/** The page is written at the end. A problem with its path is reported now. */
function warnOfPlace(report: string, log: Log): void {
  try {
    accessSync(dirname(report), constants.W_OK | constants.X_OK);
  } catch (error) {
    log.warn(
      `--report ${report} cannot be written now (${errorText(error, 'its directory')}); ` +
        'create the directory before the run ends, or name another one',
    );
  }
}
