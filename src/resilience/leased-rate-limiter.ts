import { type Clock, SYSTEM_CLOCK } from './clock.ts';
import { MARGIN_BOUNDS_MS } from './margin.ts';
import { RateControl, type RateMargin } from './rate-control.ts';
import {
  callsInPeriod,
  PAUSE_AFTER_LIMIT_MS,
  periodMs,
  type RateLimiter,
  type RateOptions,
  type Slot,
} from './rate-limiter.ts';
import { RemoteClock } from './remote-clock.ts';
import type { Lease, SlotLeases } from './slot-leases.ts';
import { type Throttle, throttleAtStart } from './throttle.ts';
import { WaitingCalls } from './waiting-calls.ts';

export type LeasedRateLimiterOptions = RateOptions & {
  readonly leases: SlotLeases;
  readonly clock?: Clock;
};

/** A leased slot, on our own clock: not before `from`, and not after `until`. */
type LeasedSlot = { readonly from: number; readonly until: number };

/** What other workers do not know yet. */
type Report = {
  readonly throttle: (Throttle & { readonly sentAt: number }) | null;
  readonly pausedUntil: number;
  readonly hasJumped: boolean;
};

const NOTHING: Report = { throttle: null, pausedUntil: Number.NEGATIVE_INFINITY, hasJumped: false };

// Of the margin, so much is for the way from here to the server. The rest is how late a slot may be used.
const WAY_MS = 6;
// How late a timer may be, and an event loop that is not blocked.
const MIN_USABLE_MS = 4;
// An automatic margin leaves as much for late slots as the start of one in a single process. With less, more slots are thrown
// away than the narrower margin gains.
const MIN_AUTO_MS = MARGIN_BOUNDS_MS.start;
// Before the last leased slot is due, the next ones are asked for. A statement that has to wait a little costs no slot then.
const AHEAD_MS = 50;
// A database that is unavailable is asked this often.
const RETRY_MS = 500;
// An answer that took longer says nothing about the next one.
const MAX_ANSWER_MS = 250;
// So many readings of the clock come before the first slots, when the first answers are slow, as those over a new connection are.
const FIRST_READINGS = 5;
// A clock that is set ahead by less is not worth a pause. It lets less than two slots of a quota of 200 overlap.
const JUMP_MS = 5;

/** What a margin is worth to workers who share a quota, ms. */
const sharedMarginMs = (margin: RateMargin, control: RateControl): number =>
  margin === 'auto' ? WAY_MS + Math.max(MIN_AUTO_MS, control.marginMs) : margin;

/**
 * The rate limiter of a process that shares a quota with others. Its slots are leased, a few at a time, and each has its instant
 * on the clock of the leases. It is never used before that instant, whatever part of its round trip the answer took, and is
 * thrown away when it is late by more than the margin covers.
 *
 * A request that is written later than that takes up a second slot, the next one. Then each 1,000 ms have at most `rate`
 * requests, unless a request was written about a second late, as over a connection that took so long to open.
 */
export class LeasedRateLimiter implements RateLimiter {
  readonly #leases: SlotLeases;
  readonly #clock: Clock;
  readonly #calls: number;
  readonly #periodMs: number;
  readonly #margin: RateMargin;
  readonly #control: RateControl;
  readonly #remote = new RemoteClock();
  readonly #waiting = new WaitingCalls();
  /** In the order of their instants. */
  readonly #stock: LeasedSlot[] = [];
  #marginMs: number;
  /** Requests that were written too late, and whose second slot is still to be taken up. */
  #late = 0;
  #report = NOTHING;
  #isAsking = false;
  #askAgainAt = Number.NEGATIVE_INFINITY;
  #roundTripMs = 0;
  #pausedUntil = Number.NEGATIVE_INFINITY;
  #cancelTimer: () => void = () => {};

  constructor({ leases, rate, margin, clock = SYSTEM_CLOCK }: LeasedRateLimiterOptions) {
    this.#leases = leases;
    this.#clock = clock;
    this.#calls = callsInPeriod(rate);
    this.#periodMs = periodMs(rate);
    this.#margin = margin;
    this.#control = new RateControl(rate, margin);
    this.#marginMs = this.#neededMarginMs;
  }

  /** Waits for the next slot. @throws the signal's reason when it is aborted meanwhile, and errors of the leases */
  slot(signal: AbortSignal): Promise<Slot> {
    if (signal.aborted) return Promise.reject(signal.reason);
    const slot = this.#waiting.add(signal);
    this.#pump();
    return slot;
  }

  /** How many callers wait for their slot. */
  get waiting(): number {
    return this.#waiting.size;
  }

  /** The share of the rate that rate-limit errors have left to all workers; 1 without recent ones. */
  get factor(): number {
    return this.#control.limitedRatio(this.#clock.now());
  }

  /** The margin of all workers, as of the last lease, ms. */
  get marginMs(): number {
    return this.#marginMs;
  }

  /** A margin that leaves time to use a slot, however badly the clock of the leases is known. */
  get #neededMarginMs(): number {
    const unsureMs = this.#remote.readings === 0 ? 0 : this.#remote.uncertaintyMs;
    return Math.max(sharedMarginMs(this.#margin, this.#control), WAY_MS + MIN_USABLE_MS + unsureMs);
  }

  /** Whether more readings of the clock are worth their time, before slots are leased by it. */
  get #isClockUnsure(): boolean {
    const { readings, uncertaintyMs } = this.#remote;
    return readings === 0 || (readings < FIRST_READINGS && uncertaintyMs > MIN_USABLE_MS);
  }

  #pump(): void {
    this.#cancelTimer();
    for (;;) {
      this.#waiting.dropAborted();
      if (this.#waiting.size === 0) return;
      const now = this.#clock.now();
      this.#dropUnusable(now);
      const [next] = this.#stock;
      const at = next === undefined ? Number.POSITIVE_INFINITY : Math.max(next.from, this.#pausedUntil);
      if (next !== undefined && at <= now) {
        this.#stock.shift();
        this.#waiting.grant(this.#open(next));
        continue;
      }
      const askAt = this.#askAt(now);
      if (askAt <= now) void this.#ask();
      const wakeAt = Math.min(at, askAt <= now ? Number.POSITIVE_INFINITY : askAt);
      // Without one, the answer pumps again.
      if (wakeAt < Number.POSITIVE_INFINITY)
        this.#cancelTimer = this.#clock.schedule(() => this.#pump(), Math.ceil(wakeAt - now));
      return;
    }
  }

  /** When to ask for slots: in time before the last one is due, and only for callers who wait without one. */
  #askAt(now: number): number {
    if (this.#isAsking || this.#stock.length >= this.#waiting.size) return Number.POSITIVE_INFINITY;
    const last = this.#stock.at(-1)?.from ?? now;
    return Math.max(this.#askAgainAt, last - AHEAD_MS - this.#roundTripMs);
  }

  #dropUnusable(now: number): void {
    const usableAt = Math.max(now, this.#pausedUntil);
    while ((this.#stock[0]?.until ?? usableAt) < usableAt) this.#stock.shift();
    for (; this.#late > 0 && this.#stock.length > 0; this.#late -= 1) this.#stock.shift();
  }

  /** One exchange with the quota, and another one where something is to be reported that came up meanwhile. */
  async #ask(): Promise<void> {
    this.#isAsking = true;
    const report = this.#report;
    this.#report = NOTHING;
    try {
      const sentAt = this.#clock.now();
      const lease = await this.#leases.lease({
        slots: this.#isClockUnsure ? 0 : Math.max(0, this.#waiting.size - this.#stock.length),
        answerMs: Math.min(this.#roundTripMs, MAX_ANSWER_MS),
        calls: this.#calls,
        periodMs: this.#periodMs,
        marginMs: this.#isClockUnsure ? sharedMarginMs(this.#margin, this.#control) : this.#neededMarginMs,
        start: throttleAtStart(0),
        throttle: report.throttle && { ...report.throttle, sentMsAgo: sentAt - report.throttle.sentAt },
        pauseMs: Math.max(0, report.pausedUntil - sentAt),
        hasJumped: report.hasJumped,
      });
      if (lease === null) {
        this.#report = merged(report, this.#report);
        this.#askAgainAt = this.#clock.now() + RETRY_MS;
      } else this.#take(lease, sentAt);
    } catch (error) {
      this.#waiting.fail(error);
    } finally {
      this.#isAsking = false;
    }
    if (this.#report !== NOTHING && this.#askAgainAt <= this.#clock.now()) void this.#ask();
    this.#pump();
  }

  #take(lease: Lease, sentAt: number): void {
    const receivedAt = this.#clock.now();
    this.#roundTripMs = receivedAt - sentAt;
    const isFirst = this.#remote.readings === 0;
    const setByMs = this.#remote.observe({ sentAt, receivedAt, read: lease.now });
    this.#marginMs = lease.marginMs;
    this.#askAgainAt = receivedAt;
    if (!isFirst && setByMs > JUMP_MS) {
      // These slots may be at the same time as some that were leased before the jump.
      this.#report = { ...this.#report, hasJumped: true };
      return;
    }
    // The others do not know of a later cut of ours yet.
    if (this.#report.throttle === null)
      this.#control.follow(
        { ...lease.throttle, at: this.#remote.earliest(lease.throttle.at) },
        lease.isLimited,
      );
    if (lease.pausedUntil > lease.now) this.#pauseUntil(this.#remote.latest(lease.pausedUntil));
    if (lease.slots === 0) this.#askAgainAt = Math.max(receivedAt, this.#remote.latest(lease.first));
    for (let n = 0; n < lease.slots; n += 1) {
      const instant = lease.first + n * lease.intervalMs;
      this.#stock.push({
        from: this.#remote.latest(instant),
        until: this.#remote.earliest(instant) + lease.marginMs - WAY_MS,
      });
    }
  }

  #pauseUntil(at: number): void {
    this.#pausedUntil = Math.max(this.#pausedUntil, at);
  }

  #pauseAll(until: number): void {
    this.#pauseUntil(until);
    this.#report = { ...this.#report, pausedUntil: Math.max(this.#report.pausedUntil, until) };
    if (!this.#isAsking) void this.#ask();
  }

  #open({ until }: LeasedSlot): Slot {
    let writtenAt: number | null = null;
    const write = (): number => {
      if (writtenAt !== null) return writtenAt;
      writtenAt = this.#clock.now();
      if (writtenAt > until) this.#late += 1;
      return writtenAt;
    };
    return {
      written: () => void write(),
      // A slot whose request was never written is lost: it has no later instant.
      release: () => {},
      accepted: () => this.#control.accepted(write()),
      limited: () => {
        const sentAt = write();
        const now = this.#clock.now();
        const refusal = this.#control.limited(sentAt, now);
        if (refusal === 'known' || refusal === 'bunched') return refusal;
        this.#report = { ...this.#report, throttle: { ...this.#control.throttle, sentAt } };
        this.#pauseAll(now + PAUSE_AFTER_LIMIT_MS);
        return refusal;
      },
      hold: (ms) => {
        write();
        this.#pauseAll(this.#clock.now() + ms);
      },
    };
  }
}

/** A report that did not arrive, and what was to be reported since. */
const merged = (earlier: Report, later: Report): Report => ({
  throttle: later.throttle ?? earlier.throttle,
  pausedUntil: Math.max(earlier.pausedUntil, later.pausedUntil),
  hasJumped: earlier.hasJumped || later.hasJumped,
});
