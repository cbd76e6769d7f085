import { performance } from 'node:perf_hooks';

/** The clock by which calls are timed and the quota is counted. Monotonic milliseconds. */
export interface ArrivalClock {
  now(): number;
  /** The earliest instant at which a call that is seen at `at`, now, can have arrived; `at` itself unless this process stood still. */
  earliest(at: number): number;
  /** No call comes any more. */
  close(): void;
}

const TICK_MS = 2;
/** How late a process may be that does not stand still. */
const ALLOWED_LATENESS_MS = 4;
/**
 * A call that arrived during a stall is seen up to so many turns of the event loop later: a turn ends, the connection is accepted
 * in the next one, the request is read in the one after. A tick takes a turn.
 */
const TURNS = 4;
/** After so many ticks without a call it stops. They are counted: a stall is long, and no idle time. */
const MAX_IDLE_TICKS = 1_000;

/**
 * This process's clock, which notices when its event loop stood still, for its own work or because the machine did other
 * work: a timer that was due did not come. A call that is seen then may have arrived at any moment since the timer came.
 */
export class WatchedClock implements ArrivalClock {
  #timer: NodeJS.Timeout | null = null;
  /** The last ones, in order. */
  #ticks: number[] = [];
  #idleTicks = 0;

  now(): number {
    return performance.now();
  }

  earliest(at: number): number {
    this.#idleTicks = 0;
    if (this.#timer === null) {
      this.#ticks = [at];
      this.#timer = setInterval(() => this.#tick(), TICK_MS).unref();
      return at;
    }
    const stalledFrom = this.#ticks.find(
      (tick, i) => (this.#ticks[i + 1] ?? at) - tick > ALLOWED_LATENESS_MS,
    );
    return stalledFrom ?? at;
  }

  // Until the next call.
  close(): void {
    if (this.#timer !== null) clearInterval(this.#timer);
    this.#timer = null;
  }

  #tick(): void {
    this.#ticks.push(this.now());
    if (this.#ticks.length > TURNS) this.#ticks.shift();
    this.#idleTicks++;
    if (this.#idleTicks > MAX_IDLE_TICKS) this.close();
  }
}
