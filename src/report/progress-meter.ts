import type { Progress } from '../run/run-events.ts';
import { progressText } from './progress.ts';

export type MeterOptions = {
  readonly rate: number;
  /** A terminal's line is drawn over and over; anything else gets a log line now and then. */
  readonly terminal: Terminal | null;
  readonly log: (line: string) => void;
};

/** The line at the bottom of a terminal. */
export type Terminal = {
  readonly draw: (text: string) => void;
  readonly clear: () => void;
};

const DRAW_EVERY_MS = 500;
/** How often a run tells where it stands to those who do not watch a terminal. */
export const TELL_EVERY_MS = 30_000;

/** Shows where a run stands until it is stopped. */
export class ProgressMeter {
  readonly #timer: NodeJS.Timeout;
  readonly #terminal: Terminal | null;
  #calls = 0;
  #at = performance.now();

  constructor(progress: () => Progress, { rate, terminal, log }: MeterOptions) {
    this.#terminal = terminal;
    this.#calls = progress().calls;
    const show = (): void => {
      const now = progress();
      const text = progressText(now, this.#callsASecond(now.calls), rate);
      if (terminal === null) log(text);
      else terminal.draw(text);
    };
    this.#timer = setInterval(show, terminal === null ? TELL_EVERY_MS : DRAW_EVERY_MS);
  }

  stop(): void {
    clearInterval(this.#timer);
    this.#terminal?.clear();
  }

  /** Over the time since the last look. */
  #callsASecond(calls: number): number {
    const now = performance.now();
    const rate = ((calls - this.#calls) * 1000) / (now - this.#at);
    this.#calls = calls;
    this.#at = now;
    return rate;
  }
}
