import { setTimeout as pause } from 'node:timers/promises';
import type { Job } from '../../config/model/job.ts';
import { exitCodes } from '../../errors/exit-codes.ts';
import type { RunEvents } from '../../run/events/run-events.ts';
import { replaceFile } from '../replace-file.ts';
import type { Outcome } from '../text/summary.ts';
import { type Former, readFormer } from './former-file.ts';
import type { Moment, Past, RunFigures } from './moment.ts';
import { labelsOf, metricsText } from './render.ts';

type Opened = Parameters<NonNullable<RunEvents['onOpened']>>[0];

export type MetricsFileOptions = {
  /** Ends in `.prom`. */
  readonly path: string;
  readonly job: Job;
  /** Told once when the file cannot be written. */
  readonly onFailure: (message: string) => void;
  /** How often it is written while a run is at work, ms. */
  readonly everyMs?: number;
};

// For whoever collects metrics, which is another account, also where the umask is for files that hold rows; nothing of a user
// is in them.
const MODE = 0o644;
// The end of a night does not wait for a file system that hangs.
const LONGEST_WRITE_MS = 5_000;
const WRITE_EVERY_MS = 30_000;
// A file that was not written for so long is no sign of a run at work.
const SILENT_SECONDS = (4 * WRITE_EVERY_MS) / 1000;

/** The metrics of a job in a file, written while a run is at work and when an attempt ends. What fails here is told, once. */
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
  /** Whether a run of a whole list has come to its end: not one that `--limit` kept short. */
  #isWholeRun = false;

  constructor(options: MetricsFileOptions) {
    this.#options = options;
  }

  readonly events: RunEvents = {
    onOpened: (opened) => {
      this.#figures = figuresOf(opened);
      this.#write((former) => this.#moment(true, former));
      this.#timer = setInterval(
        // A write that takes longer is not joined by a second one.
        () => this.#writing ?? this.#write((former) => this.#moment(true, former)),
        this.#options.everyMs ?? WRITE_EVERY_MS,
      );
    },
    onOutage: (what, outage) => {
      this.#away[what] = outage !== null;
    },
  };

  /** What the run came to, before its end is told. */
  came(outcome: Outcome): void {
    const { kind, record, calls, failedCalls, pullMs } = outcome;
    this.#isWholeRun = kind === 'finished' && record.list.beyondLimit === 0;
    const before = this.#figures();
    this.#figures = () => ({
      record,
      calls,
      failedCalls,
      pullSeconds: pullMs / 1000,
      usersDone: before?.usersDone ?? 0,
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
      await this.#write((former) => {
        const at = Date.now() / 1000;
        const successAt = this.#isWholeRun ? at : former.successAt;
        const isOthers = exitCode === exitCodes.locked && this.#isAtWork(former);
        return isOthers ? null : this.#moment(false, { endedAt: at, exitCode, successAt });
      });
    };
    const overdue = new AbortController();
    const inTime = pause(LONGEST_WRITE_MS, undefined, { signal: overdue.signal }).then(
      () => this.#fail(`it takes longer than ${LONGEST_WRITE_MS / 1000} s`),
      () => {},
    );
    await Promise.race([written().finally(() => overdue.abort()), inTime]);
  }

  #write(momentAfter: (former: Former) => Moment | null): Promise<void> {
    const { path, job } = this.#options;
    const labels = labelsOf(job);
    const write = async (): Promise<void> => {
      try {
        const moment = momentAfter(await readFormer(path, labels));
        if (moment === null) return;
        await replaceFile(path, await metricsText(moment, labels), MODE);
        this.#writtenAt = moment.at;
      } catch (error) {
        this.#fail(error instanceof Error ? error.message : String(error));
      } finally {
        this.#writing = null;
      }
    };
    this.#writing = write();
    return this.#writing;
  }

  /** Whether another start of the job, which holds the lock that this one did not get, tells of itself. */
  #isAtWork({ isInProgress, updatedAt }: Former): boolean {
    if (isInProgress !== 1 || updatedAt === null || updatedAt === this.#writtenAt) return false;
    return Math.abs(Date.now() / 1000 - updatedAt) < SILENT_SECONDS;
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

  #fail(why: string): void {
    if (this.#hasFailed) return;
    this.#hasFailed = true;
    this.#options.onFailure(
      `--metrics-file ${this.#options.path} cannot be written; the run continues without it: ${why}`,
    );
  }
}

function figuresOf({ record, progress }: Opened): () => RunFigures {
  const opened = performance.now();
  return () => {
    const { counts, ...now } = progress();
    return { ...now, record: { ...record, counts }, pullSeconds: (performance.now() - opened) / 1000 };
  };
}
