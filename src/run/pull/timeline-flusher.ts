import type { Timeline } from '../../destinations/contract/timeline.ts';
import type { TimelineRecorder } from './timeline-recorder.ts';

const LOOK_EVERY_MS = 50;
const KEEP_EVERY_MS = 60_000;
// From here on the time between two doubles: an attempt that is killed early leaves the half of it, too.
const FIRST_KEPT_MS = 2_000;

export type TimelineFlusherOptions = {
  readonly recorder: TimelineRecorder;
  readonly keep: (timeline: Timeline) => Promise<void>;
};

/** Has a start's recorder look around, and its timeline kept now and then, so that one that is killed leaves most of it. */
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

  /** All of it up to now. */
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
    // A long night's buckets are wider than a minute, and one that has only begun tells little.
    const every = Math.max(KEEP_EVERY_MS, timeline.bucketSeconds * 1000);
    this.#dueMs += Math.min(this.#dueMs, every);
    this.#options
      .keep(timeline)
      // A destination that cannot take it ends the run by what it cannot commit.
      .catch(() => {})
      .finally(() => {
        this.#isKeeping = false;
      });
  }
}
