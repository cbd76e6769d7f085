import type { Timeline } from '../../destinations/contract/timeline.ts';
import type { TimelineRecorder } from './timeline-recorder.ts';

const LOOK_EVERY_MS = 50;
const KEEP_EVERY_MS = 60_000;
// After this, the time between two saves doubles: an attempt that is killed early keeps half of its timeline, too.
const FIRST_KEPT_MS = 2_000;

export type TimelineFlusherOptions = {
  readonly recorder: TimelineRecorder;
  readonly keep: (timeline: Timeline) => Promise<void>;
};

/** Samples the bottleneck of an attempt, and saves its timeline from time to time, so that a killed attempt keeps most of it. */
export class TimelineFlusher {
  readonly #options: TimelineFlusherOptions;
  readonly #began = performance.now();
  readonly #timer: NodeJS.Timeout;
  #dueMs = FIRST_KEPT_MS;
  #isKeeping = false;

  constructor(options: TimelineFlusherOptions) {
    this.#options = options;
    this.#timer = setInterval(() => this.#look(), LOOK_EVERY_MS);
    this.#timer.unref();
  }

  /** The whole timeline up to now. */
  get timeline(): Timeline {
    return this.#options.recorder.timeline(performance.now());
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  #look(): void {
    const now = performance.now();
    this.#options.recorder.look(now);
    if (this.#isKeeping || now - this.#began < this.#dueMs) return;
    this.#isKeeping = true;
    const { timeline } = this;
    // In a long run a bucket is wider than a minute, and a bucket that has just started says little.
    const every = Math.max(KEEP_EVERY_MS, timeline.bucketSeconds * 1000);
    this.#dueMs += Math.min(this.#dueMs, every);
    this.#options
      .keep(timeline)
      // If the destination cannot store it, the next commit fails and ends the run.
      .catch(() => {})
      .finally(() => {
        this.#isKeeping = false;
      });
  }
}
