import type { LockWaitState } from '../../run/events/run-events.ts';
import { timeSpan } from '../../text/format.ts';
import type { Terminal } from './progress-meter.ts';

const DRAW_EVERY_MS = 1_000;

/** Shows on a terminal that an attempt waits for a lock, until it is stopped. */
export class WaitMeter {
  readonly #terminal: Terminal;
  readonly #wait: LockWaitState;
  readonly #since = performance.now();
  readonly #timer: NodeJS.Timeout;

  constructor(wait: LockWaitState, terminal: Terminal) {
    this.#wait = wait;
    this.#terminal = terminal;
    this.#draw();
    this.#timer = setInterval(() => this.#draw(), DRAW_EVERY_MS);
  }

  stop(): void {
    clearInterval(this.#timer);
    this.#terminal.clear();
  }

  #draw(): void {
    const { waitedMs, maxMs, holder } = this.#wait;
    const { columns, draw } = this.#terminal;
    const now = timeSpan(waitedMs + performance.now() - this.#since);
    const line = `waiting for the lock: ${now} of up to ${timeSpan(maxMs)} · ${holder}`;
    draw([line.length > columns ? `${line.slice(0, Math.max(0, columns - 1))}…` : line]);
  }
}
