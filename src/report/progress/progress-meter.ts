import type { Progress } from '../../run/events/run-events.ts';
import { type Away, progressLines, progressText } from './progress.ts';
import { type Look, type ProgressFigures, progressFigures } from './progress-figures.ts';

export type MeterOptions = {
  /** Calls a second. */
  readonly quota: number;
  readonly away: Away;
  /** A terminal's lines are drawn over and over; anything else gets a log line now and then. */
  readonly terminal: Terminal | null;
  readonly log: (line: string, figures: ProgressFigures) => void;
  /** How often it is told where there is no terminal, ms. */
  readonly tellEveryMs?: number;
};

/** The lines at the bottom of a terminal. */
export type Terminal = {
  readonly columns: number;
  readonly colour: boolean;
  readonly draw: (lines: readonly string[]) => void;
  readonly clear: () => void;
};

const DRAW_EVERY_MS = 500;
const TELL_EVERY_MS = 60_000;
// Calls come in bunches, and what is waited for changes with each: neither is to flicker.
const PACE_MS = 10_000;
// An API that hesitates for some seconds does not make a night longer by hours.
const TREND_MS = 300_000;
const MOMENT_MS = 2_000;

/** Shows where a run stands until it is stopped. */
export class ProgressMeter {
  readonly #options: MeterOptions;
  readonly #progress: () => Progress;
  readonly #timer: NodeJS.Timeout;
  readonly #first: Look;
  /** In order; no more than the figures need. */
  readonly #looks: Look[];

  constructor(progress: () => Progress, options: MeterOptions) {
    const { terminal, tellEveryMs = TELL_EVERY_MS } = options;
    this.#options = options;
    this.#progress = progress;
    this.#first = this.#look();
    this.#looks = [this.#first];
    if (terminal !== null) this.#show();
    this.#timer = setInterval(() => this.#show(), terminal === null ? tellEveryMs : DRAW_EVERY_MS);
  }

  stop(): void {
    clearInterval(this.#timer);
    this.#options.terminal?.clear();
  }

  #show(): void {
    const { quota, away, terminal, log } = this.#options;
    const now = this.#look();
    while (this.#looks.length > 1 && now.at - (this.#looks[1]?.at ?? now.at) >= TREND_MS) this.#looks.shift();
    const figures = progressFigures(
      now,
      {
        first: this.#first,
        trend: this.#before(now, TREND_MS),
        pace: this.#before(now, PACE_MS),
        moment: this.#before(now, MOMENT_MS),
      },
      quota,
    );
    this.#looks.push(now);
    if (terminal === null) log(progressText(figures, away), figures);
    else terminal.draw(progressLines(figures, away, terminal));
  }

  #look(): Look {
    const progress = this.#progress();
    return { at: performance.now(), progress: { ...progress, waits: { ...progress.waits } } };
  }

  /** The last look that was so long ago; where none was, the first that is left. */
  #before(now: Look, ms: number): Look {
    return this.#looks.findLast(({ at }) => now.at - at >= ms) ?? this.#looks[0] ?? this.#first;
  }
}
