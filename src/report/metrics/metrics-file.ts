import type { Job } from '../../config/model/job.ts';
import { exitCodes } from '../../errors/exit-codes.ts';
import { errorText } from '../../errors/system-error.ts';
import { withTimeout } from '../../resilience/timeout.ts';
import type { RunEvents } from '../../run/events/run-events.ts';
import { replaceFile } from '../replace-file.ts';
import type { Outcome } from '../text/summary.ts';
import type { Moment, Past, RunFigures } from './moment.ts';
import { jobLabels, metricsText } from './render.ts';
import { type MetricsState, readState, statePath, writeState } from './state-file.ts';

type Opened = Parameters<NonNullable<RunEvents['onOpened']>>[0];

export type MetricsFileOptions = {
  /** Ends in `.prom`. */
  readonly path: string;
  readonly job: Job;
  /** Called once when the file cannot be written. */
  readonly onFailure: (message: string) => void;
  /** The interval of writes while a run is at work, ms. */
  readonly everyMs?: number;
};

// The collector runs under another account, so the umask for files with rows must not apply. The file contains no user data.
const MODE = 0o644;
// The end of a run does not wait for a file system that hangs.
const LONGEST_WRITE_MS = 5_000;
const WRITE_EVERY_MS = 30_000;
// A file that is older does not show a run at work.
const SILENT_SECONDS = (4 * WRITE_EVERY_MS) / 1000;

const NO_PAST: Past = { endedAt: null, exitCode: null, successAt: null };

/** The metrics of a job in a file, written while a run is at work and when an attempt ends. A failure is reported once. */
export class MetricsFile {
  readonly #options: MetricsFileOptions;
  readonly #startedAt = Date.now() / 1000;
  readonly #started = performance.now();
  readonly #away = { api: false, destination: false };
  #figures: () => RunFigures | null = () => null;
  #timer: NodeJS.Timeout | undefined;
  #writing: Promise<void> | null = null;
  #writtenAt: number | null = null;
  #hasFailed = false;
  /** Whether a run of a whole list has finished: not one that `--limit` kept short. */
  #isWholeRun = false;

  constructor(options: MetricsFileOptions) {
    this.#options = options;
  }

  readonly events: RunEvents = {
    onOpened: (opened) => {
      this.#figures = followFigures(opened);
      this.#write((past) => this.#moment(true, past));
      this.#timer = setInterval(
        // A second write does not start while one is running.
        () => this.#writing ?? this.#write((past) => this.#moment(true, past)),
        this.#options.everyMs ?? WRITE_EVERY_MS,
      );
    },
    onOutage: (what, outage) => {
      this.#away[what] = outage !== null;
    },
  };

  /** The result of the run, before its end is reported. */
  came(outcome: Outcome): void {
    const { kind, record, calls, failedCalls, rateMarginMs, rateLimitedCalls, pullMs } = outcome;
    this.#isWholeRun = kind === 'finished' && record.list.beyondLimit === 0;
    const before = this.#figures();
    this.#figures = () => ({
      record,
      calls,
      failedCalls,
      rateMarginMs,
      rateLimitedCalls,
      pullSeconds: pullMs / 1000,
      // Another attempt may have finished the run, so that it was never opened here.
      usersDone: before?.usersDone ?? (kind === 'finished' ? record.list.users : 0),
      workers: before?.workers ?? null,
      waiting: 0,
      throttleRatio: before?.throttleRatio ?? 1,
    });
  }

  /** Writes how this attempt ended. */
  async end(exitCode: number): Promise<void> {
    clearInterval(this.#timer);
    this.#away.api = false;
    this.#away.destination = false;
    const written = async (): Promise<void> => {
      await this.#writing;
      await this.#write((past, state) => {
        const at = Date.now() / 1000;
        const successAt = this.#isWholeRun ? at : past.successAt;
        const isOthers = exitCode === exitCodes.locked && this.#isAtWork(state);
        return isOthers ? null : this.#moment(false, { endedAt: at, exitCode, successAt });
      });
    };
    await withTimeout(written(), {
      ms: LONGEST_WRITE_MS,
      onTimeout: () => this.#fail(`it takes longer than ${LONGEST_WRITE_MS / 1000} s`),
    });
  }

  /** @param momentAfter the moment to write after a state; null is none */
  #write(momentAfter: (past: Past, state: MetricsState | null) => Moment | null): Promise<void> {
    const { path, job } = this.#options;
    const labels = jobLabels(job);
    const write = async (): Promise<void> => {
      try {
        const state = await readState(statePath(path), labels, () => this.#onDamage());
        const moment = momentAfter(state?.past ?? NO_PAST, state);
        if (moment === null) return;
        // First, so that the state is never older than the metrics.
        await writeState(statePath(path), labels, moment, MODE);
        this.#writtenAt = moment.at;
        await replaceFile(path, await metricsText(moment, labels), MODE);
      } catch (error) {
        this.#fail(errorText(error, 'its directory'));
      } finally {
        this.#writing = null;
      }
    };
    this.#writing = write();
    return this.#writing;
  }

  /** Whether the state belongs to another attempt of the job, which is at work and holds the lock. */
  #isAtWork(state: MetricsState | null): boolean {
    if (state === null || !state.isInProgress || state.at === this.#writtenAt) return false;
    return Math.abs(Date.now() / 1000 - state.at) < SILENT_SECONDS;
  }

  #moment(isInProgress: boolean, { endedAt, exitCode, successAt }: Past): Moment {
    return {
      at: Date.now() / 1000,
      isInProgress,
      startedAt: this.#startedAt,
      startSeconds: (performance.now() - this.#started) / 1000,
      past: { endedAt, exitCode, successAt },
      away: { ...this.#away },
      rate: this.#options.job.pull.rate,
      residentBytes: process.memoryUsage.rss(),
      run: this.#figures(),
    };
  }

  /** The next write replaces the state, so the metrics continue without it. */
  #onDamage(): void {
    if (this.#hasFailed) return;
    this.#options.onFailure(
      `${statePath(this.#options.path)} is damaged; the metrics start over, without the time of the last success`,
    );
  }

  #fail(why: string): void {
    if (this.#hasFailed) return;
    this.#hasFailed = true;
    this.#options.onFailure(
      `--metrics-file ${this.#options.path} cannot be written; the run continues without it: ${why}`,
    );
  }
}

function followFigures({ record, progress }: Opened): () => RunFigures {
  const opened = performance.now();
  return () => {
    const { counts, ...now } = progress();
    return { ...now, record: { ...record, counts }, pullSeconds: (performance.now() - opened) / 1000 };
  };
}
