import { performance } from 'node:perf_hooks';
import { Arrivals } from './arrivals.ts';

const SECOND = 1_000;
/** Seconds with counts of their own: a little more than a day. */
const MAX_SECONDS = 100_000;
const BUSY = 0.95;

/**
 * The simulator's record of its calls. Times are by its own monotonic clock, at the arrival of a request's headers. A second
 * consumer of the quota is only in `otherCalls`: all other counts are of real calls.
 */
export interface Report {
  calls: number;
  /** Seconds from the first arrival to the last. */
  seconds: number;
  /** Calls in the fullest 1,000 ms, from any instant. */
  fullestSecond: number;
  /** The quota in force, calls a second. */
  rate: number;
  /**
   * Calls from 1 s after the first arrival to 1 s before the last, as a fraction of the quota for that time; null when that time
   * is shorter than a second.
   */
  quotaUsed: number | null;
  /** Calls refused because they, with those of the second consumer, exceeded the quota. */
  overQuota: number;
  /** Calls of the second consumer from the first arrival to the last. */
  otherCalls: number;
  /** Complete answers by ErrorCode, "0" for OK; injected ones included. */
  answers: Record<string, number>;
  /** Injected faults by name; injected rate-limit errors are here and not in `overQuota`. */
  injected: Record<string, number>;
  /** Injected faults without an answer of the API: status, reset, cut, stall and the like. */
  httpFaults: number;
  /** Calls in each second since the first arrival. */
  callsBySecond: number[];
  /** The busiest second of the simulator's own event loop, 0 to 1. */
  busiest: number;
  /** True when the simulator itself was too busy for reliable timing. */
  wasTheLimit: boolean;
}

const isCode = (fault: string): boolean => /^\d+$/.test(fault);

/** Counts and times the calls. */
export class CallRecorder {
  #calls = 0;
  #first = 0;
  #last = 0;
  #inFirstSecond = 0;
  #inLastSecond = 0;
  #fullest = 0;
  #overQuota = 0;
  #otherCalls = 0;
  #busiest = 0;
  #httpFaults = 0;
  readonly #arrivals = new Arrivals();
  readonly #answers = new Map<number, number>();
  readonly #injected = new Map<string, number>();
  readonly #bySecond: number[] = [];
  #loop = performance.eventLoopUtilization();

  /** Adds an arrival. Returns how many came in the 1,000 ms that end with it. */
  arrive(at: number): number {
    if (this.#calls === 0) this.#first = at;
    this.#calls++;
    this.#last = at;
    const since = at - this.#first;
    if (since < SECOND) this.#inFirstSecond++;
    const second = Math.floor(since / SECOND);
    if (second < MAX_SECONDS) {
      while (this.#bySecond.length <= second) this.#bySecond.push(0);
      this.#bySecond[second] = (this.#bySecond[second] ?? 0) + 1;
    }
    this.#inLastSecond = this.#arrivals.add(at);
    if (this.#inLastSecond > this.#fullest) this.#fullest = this.#inLastSecond;
    return this.#inLastSecond;
  }

  /** How many calls arrived so far, the present one included. */
  get calls(): number {
    return this.#calls;
  }

  /** When the last call arrived, monotonic milliseconds. */
  get last(): number {
    return this.#last;
  }

  /** Seconds from the first arrival to `at`. */
  secondsAt(at: number): number {
    return this.#calls === 0 ? 0 : (at - this.#first) / SECOND;
  }

  answered(code: number): void {
    this.#answers.set(code, (this.#answers.get(code) ?? 0) + 1);
  }

  refusedOverQuota(): void {
    this.#overQuota++;
  }

  othersCalled(count: number): void {
    this.#otherCalls += count;
  }

  injected(fault: string): void {
    this.#injected.set(fault, (this.#injected.get(fault) ?? 0) + 1);
    if (!isCode(fault)) this.#httpFaults++;
  }

  /** Called each second. */
  sampleLoop(): void {
    const now = performance.eventLoopUtilization();
    const { utilization } = performance.eventLoopUtilization(now, this.#loop);
    this.#loop = now;
    if (utilization > this.#busiest) this.#busiest = utilization;
  }

  report(rate: number): Report {
    const span = this.#last - this.#first;
    const measured = span - 2 * SECOND;
    const between = this.#calls - this.#inFirstSecond - this.#inLastSecond;
    return {
      calls: this.#calls,
      seconds: span / SECOND,
      fullestSecond: this.#fullest,
      rate,
      quotaUsed: measured < SECOND ? null : between / ((rate * measured) / SECOND),
      overQuota: this.#overQuota,
      otherCalls: this.#otherCalls,
      answers: Object.fromEntries(this.#answers),
      injected: Object.fromEntries(this.#injected),
      httpFaults: this.#httpFaults,
      callsBySecond: [...this.#bySecond],
      busiest: this.#busiest,
      wasTheLimit: this.#busiest > BUSY,
    };
  }
}
