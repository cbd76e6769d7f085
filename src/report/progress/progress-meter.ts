import { type Clock, SYSTEM_CLOCK } from '../../resilience/clock.ts';
import type { Progress } from '../../run/events/run-events.ts';
import { type Away, progressLines, progressText } from './progress.ts';
import { type Look, type ProgressFigures, progressFigures } from './progress-figures.ts';

export type MeterOptions = {
  /** Calls a second. */
  readonly quota: number;
  readonly away: Away;
  /** A terminal's lines are redrawn; any other output gets a log line from time to time. */
  readonly terminal: Terminal | null;
  readonly log: (line: string, figures: ProgressFigures) => void;
  /** The interval of log lines without a terminal, ms. */
  readonly logEveryMs?: number;
  readonly clock?: Clock;
};

/** The lines at the bottom of a terminal. */
export type Terminal = {
  readonly columns: number;
  readonly colour: boolean;
  readonly draw: (lines: readonly string[]) => void;
  readonly clear: () => void;
};

const DRAW_EVERY_MS = 500;
const LOG_EVERY_MS = 60_000;
// Calls come in bunches, and the bottleneck changes with each. Neither figure must flicker.
const PACE_MS = 10_000;
// An API that is slow for some seconds must not add hours to the estimate.
const TREND_MS = 300_000;
const MOMENT_MS = 2_000;

/** Shows the progress of a run until it is stopped. */
export class ProgressMeter {
  readonly #options: MeterOptions;
  readonly #progress: () => Progress;
  readonly #clock: Clock;
  readonly #everyMs: number;
  readonly #first: Look;
  /** In order; only those that the figures need. */
  readonly #looks: Look[];
  #cancelNext: () => void = () => {};

  constructor(progress: () => Progress, options: MeterOptions) {
    const { terminal, logEveryMs = LOG_EVERY_MS, clock = SYSTEM_CLOCK } = options;
    this.#options = options;
    this.#progress = progress;
    this.#clock = clock;
    this.#everyMs = terminal === null ? logEveryMs : DRAW_EVERY_MS;
    this.#first = this.#look();
    this.#looks = [this.#first];
    if (terminal !== null) this.#show();
    this.#showLater();
  }

  stop(): void {
    this.#cancelNext();
    this.#options.terminal?.clear();
  }

  #showLater(): void {
    this.#cancelNext = this.#clock.schedule(() => {
      this.#showLater();
      this.#show();
    }, this.#everyMs);
  }

  #show(): void {
    const { quota, away, terminal, log } = this.#options;
    const now = this.#look();
    const isAway = away.api || away.destination;
    while (this.#looks.length > 1 && now.at - (this.#looks[1]?.at ?? now.at) >= TREND_MS) this.#looks.shift();
    const found = progressFigures(
      now,
      {
        first: this.#first,
        trend: this.#before(now, TREND_MS),
        pace: this.#before(now, PACE_MS),
        moment: this.#before(now, MOMENT_MS),
      },
      quota,
    );
    // An outage lasts as long as it lasts. Its time is not part of the speed afterwards.
    const figures = isAway ? { ...found, secondsLeft: null } : found;
    if (isAway) this.#looks.length = 0;
    this.#looks.push(now);
    if (terminal === null) log(progressText(figures, away), figures);
    else terminal.draw(progressLines(figures, away, terminal));
  }

  #look(): Look {
    const progress = this.#progress();
    return { at: this.#clock.now(), progress: { ...progress, waits: { ...progress.waits } } };
  }

  /** The last snapshot of at least that age, or the oldest one left. */
  #before(now: Look, ms: number): Look {
    return this.#looks.findLast(({ at }) => now.at - at >= ms) ?? this.#looks[0] ?? this.#first;
  }
}
