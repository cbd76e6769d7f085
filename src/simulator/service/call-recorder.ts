import { performance } from 'node:perf_hooks';
import { Arrivals } from './arrivals.ts';
import { CountBySecond } from './count-by-second.ts';

const SECOND = 1_000;
const BUSY = 0.95;

/**
 * The simulator's record of its calls. Times are by its own monotonic clock, at the arrival of a request's headers. A second
 * consumer of the quota is only in `otherCalls`: all other counts are of real calls.
 */
export interface Report {
  calls: number;
  /** Seconds from the first arrival to the last. */
  seconds: number;
  /**
   * Calls in the fullest 1,000 ms, from any instant. A call that was seen after the simulator stood still counts only where
   * it arrived in those 1,000 ms in any case.
   */
  fullestSecond: number;
  /** The quota in force, calls a second. */
  rate: number;
  /**
   * Calls from 1 s after the first arrival to 1 s before the last, as a fraction of the quota for that time; null when that time
   * is shorter than a second.
   */
  quotaUsed: number | null;
  /** Calls refused because they, with those of the second consumer, exceeded the quota in any case. */
  overQuota: number;
  /** Calls that exceeded the quota only if they arrived when they were seen, after the simulator stood still. They are not refused. */
  notJudged: number;
  /** How often the simulator stood still before it saw calls. */
  stalls: number;
  /** The longest of these, ms. */
  longestStallMs: number;
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
  /** Those of `overQuota` in each second since the first arrival, up to the last one with any. */
  overQuotaBySecond: number[];
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
  #notJudged = 0;
  #stalls = 0;
  #stalledFrom = Number.NaN;
  #longestStall = 0;
  readonly #seen = new Arrivals();
  readonly #arrived = new Arrivals();
  readonly #answers = new Map<number, number>();
  readonly #injected = new Map<string, number>();
  readonly #bySecond = new CountBySecond();
  readonly #overQuotaBySecond = new CountBySecond();
  #loop = performance.eventLoopUtilization();

  /**
   * Adds a call that was seen at `at` and arrived between `earliest` and then. Returns how many arrived for certain in
   * the 1,000 ms that end with `at`.
   */
  arrive(at: number, earliest = at): number {
    if (this.#calls === 0) this.#first = at;
    this.#calls++;
    this.#last = at;
    if (earliest < at) this.#stalled(earliest, at);
    const since = at - this.#first;
    if (since < SECOND) this.#inFirstSecond++;
    this.#bySecond.add(since);
    this.#inLastSecond = this.#seen.add(at);
    const certain = this.#arrived.add(at, earliest);
    if (certain > this.#fullest) this.#fullest = certain;
    return certain;
  }

  /** How many calls were seen in the 1,000 ms that end with the last one. */
  get seenInLastSecond(): number {
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

  /** The last call is refused. */
  refusedOverQuota(): void {
    this.#overQuota++;
    this.#overQuotaBySecond.add(this.#last - this.#first);
  }

  /** The last call would be refused, had it arrived when it was seen. */
  didNotJudge(): void {
    this.#notJudged++;
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
      notJudged: this.#notJudged,
      stalls: this.#stalls,
      longestStallMs: this.#longestStall,
      otherCalls: this.#otherCalls,
      answers: Object.fromEntries(this.#answers),
      injected: Object.fromEntries(this.#injected),
      httpFaults: this.#httpFaults,
      callsBySecond: this.#bySecond.counts,
      overQuotaBySecond: this.#overQuotaBySecond.counts,
      busiest: this.#busiest,
      wasTheLimit: this.#busiest > BUSY,
    };
  }

  #stalled(from: number, to: number): void {
    // All calls that are seen after one stall have the same beginning.
    if (from !== this.#stalledFrom) this.#stalls++;
    this.#stalledFrom = from;
    this.#longestStall = Math.max(this.#longestStall, to - from);
  }
}
