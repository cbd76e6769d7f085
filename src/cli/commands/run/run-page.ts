import type { Job } from '../../../config/model/job.ts';
import { options } from '../../../config/model/options.ts';
import type { ShownSetting } from '../../../config/shown-settings.ts';
import { type DestinationPlace, destinationKind } from '../../../destinations/open/kinds.ts';
import { errorText } from '../../../errors/system-error.ts';
import { runTimeline, showRun } from '../../../past-runs/list-runs.ts';
import type { PageDestination } from '../../../report/page/destination.ts';
import { failedByCause } from '../../../report/page/failed-users.ts';
import { runPage } from '../../../report/page/page.ts';
import { replaceFile } from '../../../report/replace-file.ts';
import type { Outcome } from '../../../report/text/summary.ts';
import { workerText } from '../../../report/text/worker-text.ts';
import { withTimeout } from '../../../resilience/timeout.ts';
import { explainCause } from '../../../run/events/causes.ts';
import type { RunEvents } from '../../../run/events/run-events.ts';
import { timeSpan } from '../../../text/format.ts';

export type RunPageOptions = {
  /** Ends in `.html`. */
  readonly path: string;
  readonly job: Job;
  /** The warnings about the job before it ran. */
  readonly warnings: readonly string[];
  readonly settings: readonly ShownSetting[];
  /** Called when the page cannot be written. */
  readonly onFailure: (message: string) => void;
};

// The page contains user IDs.
export const PAGE_MODE = 0o600;
// A finished run does not wait for a destination that hangs.
const LONGEST_READ_MS = 15_000;
const MAX_WARNINGS = 50;

type Read = Pick<Parameters<typeof runPage>[0], 'timeline' | 'workers' | 'failed'>;

/** The page of a run, written when the attempt ends. A failure here is reported, and fails nothing else. */
export class RunPage {
  readonly #options: RunPageOptions;
  readonly #warnings: string[] = [];
  readonly #awaySince = new Map<string, number>();
  #more = 0;
  #outcome: Outcome | null = null;

  constructor(options: RunPageOptions) {
    this.#options = options;
    for (const warning of options.warnings) this.#warn(warning);
  }

  readonly events: RunEvents = {
    onNotice: (message) => this.#warn(message),
    onWorker: (news) => {
      if (news.kind === 'silent') this.#warn(workerText(news));
    },
    onOutage: (what, outage) => {
      const name = what === 'api' ? 'The API' : 'The destination';
      if (outage !== null) {
        const seen = outage.cause instanceof Error ? outage.cause.message : String(outage.cause);
        this.#awaySince.set(what, performance.now() - outage.forMs);
        const since = new Date(Date.now() - outage.forMs).toISOString().slice(11, 19);
        this.#warn(`${name} was unavailable from ${since}; last error: ${seen}`);
      } else {
        const since = this.#awaySince.get(what) ?? performance.now();
        this.#warn(`${name} recovered after ${timeSpan(performance.now() - since)}`);
      }
    },
  };

  /** The result of the run. */
  came(outcome: Outcome): void {
    this.#outcome = outcome;
  }

  /** Writes the page; none when no run was opened. */
  async end(): Promise<void> {
    const outcome = this.#outcome;
    if (outcome === null) return;
    const { path, settings } = this.#options;
    const { record, destination } = outcome;
    try {
      const page = runPage({
        record,
        ending: outcome,
        destination: pageDestination(destination, this.#options.job.destination),
        ...(await this.#read(outcome)),
        explain: explainCause,
        settings: { settings, areOfThisRun: true },
        warnings:
          this.#more === 0 ? this.#warnings : [...this.#warnings, `… and ${this.#more} more warnings`],
        writtenAt: new Date(),
      });
      await replaceFile(path, page, PAGE_MODE);
    } catch (error) {
      this.#options.onFailure(`--report ${path} cannot be written: ${errorText(error, 'its directory')}`);
    }
  }

  /** The data of all attempts that only the destination has, as far as it answers. */
  async #read({ record }: Outcome): Promise<Read> {
    const { failures } = record.counts;
    const { destination, network } = this.#options.job;
    let read: Read | null = null;
    const place = { destination, caFile: network.caFile, sdkAppId: record.sdkAppId, job: record.job };
    const reading = showRun(place, record.runId, async (run) => {
      read = {
        timeline: run.timeline,
        workers: run.workers,
        failed: { causes: await failedByCause(run.unexported, failures), unread: null },
      };
    });
    try {
      await withTimeout(reading, {
        ms: LONGEST_READ_MS,
        onTimeout: () => {
          throw new Error(`it did not answer within ${LONGEST_READ_MS / 1000} s`);
        },
      });
      if (read !== null) return read;
      throw new Error('it gave no reason');
    } catch (error) {
      const causes = Object.entries(failures).map(([cause, count]) => ({ cause, count, users: [] }));
      return { timeline: runTimeline([]), workers: [], failed: { causes, unread: errorText(error) } };
    }
  }

  #warn(message: string): void {
    if (this.#warnings.length < MAX_WARNINGS) this.#warnings.push(message);
    else this.#more += 1;
  }
}

/** A job's destination, for the page of a run. @param name as written in the job, without secrets */
export function pageDestination(name: string, destination: DestinationPlace): PageDestination {
  const { about, keepsEarlierRows } = destinationKind(destination);
  const { schema } = about(destination);
  return { name, keepsEarlierRows, schema: schema === options.schema.default ? null : schema };
}
